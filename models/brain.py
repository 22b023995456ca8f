"""The whole loop: which module runs at which rate, and what flows to whom.

    body --1 kHz--> fast loop (impedance -> reflex) --> command
    scan, frame --> sensing --> percepts --> maps --> map state --> executive
    body, command --> world model --> surprise ----------------------^   |
    map state, sub-goal --> motion --> target --> fast loop   <----------+

Slow modules propose, fast modules dispose: a reflex can overrule any target, never
the other way round. The brain keeps no clock; time is the stamp of the body state,
so the same seed gives the same run. `nodes/` runs the same objects under ROS 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.config import param, validate
from neural_brain.models.errors import MapFileError, NeuralBrainError
from neural_brain.models.executive import Executive, ExecutiveConfig, Reply
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.geometry import Array, compose2
from neural_brain.models.maps import CognitiveMap, MapsConfig, adopt, place_picture
from neural_brain.models.maps.floors import change_map
from neural_brain.models.memory import (
    Episodes,
    FloorSearch,
    Memory,
    MemoryConfig,
    change_floor,
    note_floors,
)
from neural_brain.models.motion import Motion, MotionConfig
from neural_brain.models.sensing import (
    DEFAULT_CAMERA,
    Camera,
    Detector,
    Embedding,
    Eyes,
    EyesProcess,
    EyesThread,
    SensingConfig,
    look_at_picture,
    make_embedding,
)
from neural_brain.models.signals import (
    ArmDynamics,
    BodyCommand,
    BodyLimits,
    BodyState,
    Event,
    LaserScan,
    MapOrder,
    MapRequest,
    MapState,
    MotionStatus,
    Observation,
    Percepts,
    ReflexLevel,
    SubGoal,
    Surprise,
)
from neural_brain.models.world import WorldConfig, WorldModel


@dataclass(frozen=True, kw_only=True)
class RateConfig:
    """How often the slow modules run [Hz]; the fast loop runs at every tick."""

    motion_hz: float = param(20.0, "motion and world model", low=5.0, high=50.0)
    executive_hz: float = param(2.0, "decisions", low=0.2, high=10.0)
    surprise_z: float = param(4.0, "surprise that is told", low=1.0, high=100.0)
    look_s: float = param(0.2, "from a frame to its percepts", low=0.0, high=1.0)
    save_every_s: float = param(30.0, "time between saves", low=1.0, high=3600.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class BrainConfig:
    """One section per module; `models.config.load_yaml(BrainConfig, path)` reads it."""

    rates: RateConfig = field(default_factory=RateConfig)
    sensing: SensingConfig = field(default_factory=SensingConfig)
    maps: MapsConfig = field(default_factory=MapsConfig)
    memory: MemoryConfig = field(default_factory=MemoryConfig)
    world: WorldConfig = field(default_factory=WorldConfig)
    executive: ExecutiveConfig = field(default_factory=ExecutiveConfig)
    motion: MotionConfig = field(default_factory=MotionConfig)
    fast: FastConfig = field(default_factory=FastConfig)


class Brain:
    """Senses, maps, remembers, decides, moves and protects itself.

    Args:
        config: parameters of all modules.
        limits: hard limits of the body.
        dynamics: makes one independent dynamics model of the arm per call.
        detector: finds objects in camera frames.
        store: memory file or shared map, or None to forget everything at the end. A
            map found in it is continued.
        own_eyes: look in a process of its own, which leaves this one to the loop; see
            `EyesProcess` for what that needs. What is seen is the same.
        embedding: turns pictures into vectors, by which places are recognised; None =
            as `config.sensing.embedding` says.
    """

    def __init__(
        self,
        config: BrainConfig,
        limits: BodyLimits,
        dynamics: Callable[[], ArmDynamics],
        detector: Detector,
        store: Memory | None = None,
        *,
        own_eyes: bool = False,
        embedding: Embedding | None = None,
    ) -> None:
        self.config = config
        make_eyes = EyesProcess if own_eyes else EyesThread
        self.embedding = embedding or make_embedding(config.sensing.embedding)
        self.eyes: Eyes = make_eyes(
            config.sensing, detector, embedding if own_eyes else self.embedding
        )
        self._detector, self._camera = detector, DEFAULT_CAMERA
        self.maps = recall_map(config.maps, store)
        self.world = WorldModel(config.world)
        self.executive = Executive(config.executive)
        self.motion = Motion(config.motion, limits, dynamics())
        self.fast = FastLoop(config.fast, dynamics(), limits)
        self.store = store
        self.floors = None if store is None else FloorSearch(store)
        self.episodes = Episodes(config.memory.episodes)
        self.map_state: MapState | None = None
        self.percepts: Percepts | None = None
        self.surprise: Surprise | None = None
        self.sub_goal: SubGoal | None = None
        self.status: MotionStatus | None = None
        self.command: BodyCommand | None = None
        self._events: list[Event] = []
        self._surprised_at = -np.inf
        self._due: dict[str, float] = {}
        self._scan: LaserScan | None = None
        self._looks_until: float | None = None

    def step(self, observation: Observation) -> BodyCommand:
        """One control tick (1 kHz): think when it is time to, then act.

        Args:
            observation: the body state and, when new, a scan and a camera frame.
        """
        body = observation.body
        t = body.stamp
        self.perceive(observation)
        if self._is_due("motion", self.config.rates.motion_hz, t):
            self.feel(body)
            if self._is_due("executive", self.config.rates.executive_hz, t):
                self.decide(body)
            self.move(body)
            self._save_when_due(t)
        self.command = self.fast.tick(body)
        return self.command

    def perceive(self, observation: Observation) -> None:
        """Sensing and maps: turn scans and frames into percepts and fuse them.

        Looking at a frame takes long, so the eyes do it while the loop goes on; the
        percepts are taken up `look_s` later, always at the same tick, and are placed
        where the robot was at the exposure.
        """
        body, scan, frame = observation.body, observation.scan, observation.frame
        t = body.stamp
        if scan is not None:
            self._scan = scan
            self.fast.set_scan(scan)
            self.map_state = self.maps.step(t, body, scan, None)
            if self.floors is not None and self.floors.step(self.maps, scan, t):
                self.map_state = self.maps.state()
        if self._looks_until is not None and t >= self._looks_until - 1e-9:
            self._take_up(body, self.eyes.finish())
            self._looks_until = None
            if self.eyes.trouble:
                self._tell(t, "sensing", "trouble", self.eyes.trouble, {})
                self.eyes.trouble = ""
        if frame is not None and self._looks_until is None:
            self.eyes.begin(self._scan, frame, body)
            self._camera = Camera(K=frame.K, width_px=frame.rgb.shape[1])
            self._looks_until = t + self.config.rates.look_s

    def _take_up(self, body: BodyState, percepts: Percepts) -> None:
        self.percepts = percepts
        self.map_state = self.maps.step(body.stamp, body, None, percepts)
        pose = compose2(self.map_state.pose_map_odom, percepts.pose_odom_base)
        self.executive.observe(percepts, pose)
        self.motion.see(percepts)

    def feel(self, body: BodyState) -> None:
        """World model: compare what was predicted with what came; tell surprises."""
        surprise = self.surprise = self.world.step(body.stamp, body, self.command)
        self._keep(self.episodes.step(body, self.maps.pose_map_base(body), surprise))
        if surprise is None or surprise.z < self.config.rates.surprise_z:
            return
        if body.stamp - self._surprised_at > 1.0:  # one sentence for one incident
            data = {"z": surprise.z, "channel": surprise.channel}
            self._tell(surprise.stamp, "world", "surprise", surprise.text, data)
        self._surprised_at = body.stamp

    def decide(self, body: BodyState) -> None:
        """Executive: choose the next sub-goal from goals, map and how motion goes."""
        if self.map_state is None:
            return
        pose = self.maps.pose_map_base(body)
        self.sub_goal = self.executive.step(
            body.stamp, self.map_state, pose, self.status, self.surprise
        )
        decided = self.executive.pop_events()
        for event in decided:
            self.episodes.note_event(event)
        self._events += decided

    def move(self, body: BodyState) -> None:
        """Motion: turn the sub-goal into a target for the fast loop."""
        if self.map_state is None or self.sub_goal is None:
            return
        target, self.status = self.motion.step(
            body.stamp,
            self.sub_goal,
            self.map_state,
            body,
            scan=self._scan,
            pose_map_base=self.maps.pose_map_base(body),
        )
        self.fast.set_target(target)
        if self.fast.level >= ReflexLevel.STOP and self.status.state == "running":
            reason = f"the reflex has stopped me ({self.fast.reflex.cause.name}); "
            reason += "a person must reset it"
            self.status = replace(self.status, state="failed", reason=reason)
        self.maps.note_motion(body.stamp, body, self.status)

    def say(self, words: str, t: float) -> Reply:
        """Give the robot a goal in words, or answer its question.

        The reply says whether it was understood and, if not, what it asks back.
        """
        reply = self.executive.say(words, t, self.map_state)
        if reply.request is not None:
            trouble = carry_out(reply.request, self.maps, self.store)
            self.map_state = self.maps.state()
            if trouble:
                reply = Reply(accepted=False, text=trouble)
        self._tell(t, "person", "words", words, {"accepted": reply.accepted})
        self._tell(t, "executive", "reply", reply.text, {})
        self._due.pop("executive", None)
        return reply

    def show(
        self,
        rgb: NDArray[np.uint8],
        t: float,
        want: str = "place",
        *,
        hfov_rad: float | None = None,
    ) -> Reply:
        """Give the robot a goal by a picture.

        Args:
            rgb: (h, w, 3) uint8.
            t: now [s].
            want: "place": go to where it was taken; "thing": find what it shows.
            hfov_rad: horizontal field of view of the camera that took it; None = as
                the robot's own.

        Raises:
            GoalError: if it is no picture, or nothing can be made of it.
        """
        camera = self._camera if hfov_rad is None else Camera.of(hfov_rad)
        seen = look_at_picture(rgb, camera, self.embedding, self._detector, want)
        picture = place_picture(seen, self.maps.views)
        reply = self.executive.show(picture, t, self.map_state)
        self._tell(t, "person", "picture", reply.text, {"want": want})
        self._due.pop("executive", None)
        return reply

    def go_to(self, pose: Array, t: float) -> Reply:
        """Give the robot a pose (3,) in `map` [m, m, rad] in place of all its goals.

        Raises:
            GoalError: if it is not finite, but for the heading, or absurdly far away.
        """
        reply = self.executive.go_to(pose, t, self.map_state)
        self._tell(t, "person", "pose", reply.text, {})
        self._due.pop("executive", None)
        return reply

    def pose_map_base(self, body: BodyState) -> Array:
        """Where the robot believes to be: (3,) in `map`."""
        return self.maps.pose_map_base(body)

    def save(self, t: float) -> None:
        """Write the map to the memory, if there is one; take in what others found.

        Raises:
            MapFileError: if it cannot be written; what was saved before stays.
        """
        if self.store is not None:
            joined = self.store.save_map(self.maps.snapshot(), t)
            if joined is not None:
                adopt(self.maps, joined)

    def finish(self, t: float) -> None:
        """Save for the last time and close the memory, if there is one.

        Raises:
            MapFileError: if not all can be written; what was saved before stays.
        """
        if self.store is None:
            return
        try:
            self._keep(self.episodes.end())
            if self.map_state is not None:
                self.save(t)
        finally:
            self.store.close()

    def pop_events(self) -> list[Event]:
        """What happened since the last call, in order of time; also kept in memory."""
        for reflex in self.fast.pop_events():
            text = f"reflex {reflex.level.name}: {reflex.cause}"
            data = {
                "level": int(reflex.level),
                "cause": reflex.cause,
                "value": reflex.value,
                "limit": reflex.limit,
                "tick": reflex.tick,
            }
            self._tell(reflex.stamp, "reflex", reflex.level.name.lower(), text, data)
        self._events += self.maps.pop_events() + self.executive.pop_events()
        events = sorted(self._events, key=lambda event: event.stamp)
        self._events = []
        if self.store is not None and events:
            self.store.add_events(events)
        return events

    def _tell(
        self, t: float, source: str, kind: str, text: str, data: dict[str, Any]
    ) -> None:
        event = Event(stamp=t, source=source, kind=kind, text=text, data=data)
        self.episodes.note_event(event)
        self._events.append(event)

    def _keep(self, episode: Event | None) -> None:
        """Write an episode into the memory, if there is one."""
        if episode is not None and self.store is not None:
            self.store.add_events([episode])

    def _is_due(self, what: str, rate_hz: float, t: float) -> bool:
        due = self._due.get(what, t)
        if t < due - 1e-9:
            return False
        self._due[what] = max(due + 1.0 / rate_hz, t)
        return True

    def _save_when_due(self, t: float) -> None:
        due = self._is_due("save", 1.0 / self.config.rates.save_every_s, t)
        if due and self.map_state is not None:
            try:
                self.save(t)
            except MapFileError as error:  # the next save writes it all
                self._tell(t, "memory", "trouble", str(error), {})


def recall_map(config: MapsConfig, store: Memory | None) -> CognitiveMap:
    """Continue the map of the memory, its things in doubt, or begin an empty one."""
    snapshot = None if store is None else store.load_map()
    if store is None or snapshot is None:
        return CognitiveMap(config)
    recalled = CognitiveMap.restore(config, snapshot)
    if config.correct_recalled:
        recalled.landmarks.doubt()
    note_floors(recalled, store)
    return recalled


def carry_out(request: MapRequest, maps: CognitiveMap, store: Memory | None) -> str:
    """Change the map as a person asked; what went wrong in words, else ""."""
    try:
        if request.order is MapOrder.FLOOR:
            change_floor(maps, store, request.floor, request.stamp)
        else:
            change_map(maps, request)
    except NeuralBrainError as error:
        return str(error)
    return ""
