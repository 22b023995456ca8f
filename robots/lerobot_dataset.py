"""Episodes as a LeRobotDataset (version 3) on disk, for LeRobot's training tools.

LeRobot's own `timestamp` is frame number / fps, always. The true times are kept beside
it in `capture_time` [s]: that of the frame, and when each sensor captured what the
frame holds, since the first frame of the episode (LeRobot reads float32, too coarse for
the time of day). Where episodes begin on the recording's clock is in a file of ours,
`meta/capture_starts.json`. Policies do not look at any of this.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.geometry import Array
from neural_brain.models.learning.lerobot_extra import import_lerobot
from neural_brain.robots.recordings.frames import Frame

CAPTURE = "capture_time"
STARTS = Path("meta", "capture_starts.json")
ENVIRONMENT = "observation.environment_state"


class DatasetWriter:
    """Writes frames; the first one says what all of them hold.

    Use it in a `with` block: only `close` makes the files readable.

    Args:
        folder: a folder that does not exist yet.
        fps: frames a second.
        robot: name of the robot in the dataset.
        videos: pictures as video (small, lossy) instead of PNG.

    Attributes:
        episodes, frames: how many are written.

    Raises:
        NeuralBrainError: if the folder exists.
        ModuleNotFoundError: if the `[lerobot]` extra is not installed.
    """

    def __init__(
        self, folder: Path, *, fps: int, robot: str, videos: bool = False
    ) -> None:
        self._library = import_lerobot("lerobot.datasets.lerobot_dataset")
        import_lerobot("datasets").disable_progress_bars()
        if folder.exists():
            raise NeuralBrainError(
                f"{folder} exists already; a dataset is written into a new folder. "
                "Give another name, or remove it first."
            )
        self.folder, self.episodes, self.frames = folder, 0, 0
        self._fps, self._robot, self._videos = fps, robot, videos
        self._dataset: Any = None
        self._episode: int | None = None
        self._pending = 0
        self._start = 0.0
        self._starts: list[float] = []

    def add(self, frame: Frame, environment: Mapping[str, float] | None = None) -> None:
        """Add one frame; another episode number ends the episode before.

        Args:
            frame: all of the same names and picture sizes.
            environment: what the robot knows of the world, by name.
        """
        known = environment or {}
        if self._dataset is None:
            self._dataset = self._create(frame, tuple(known))
        if self._episode is not None and frame.episode != self._episode:
            self._save()
        self._episode = frame.episode
        if not self._pending:
            self._start = frame.stamp
        row: dict[str, Any] = {
            "task": frame.task,
            "observation.state": frame.state.astype(np.float32),
            "action": frame.action.astype(np.float32),
        }
        if known:
            row[ENVIRONMENT] = np.array(list(known.values()), np.float32)
        for name, picture in frame.pictures.items():
            row[f"observation.images.{name}"] = picture
        times = np.array([frame.stamp, *frame.captured.values()])
        row[CAPTURE] = times - self._start
        self._dataset.add_frame(row)
        self._pending += 1

    def close(self) -> None:
        """End the last episode and write the indices; safe to call twice."""
        if self._dataset is None:
            return
        self._save()
        self._dataset.finalize()
        self._dataset = None
        text = json.dumps({"unit": "s", "episodes": self._starts}, indent=1)
        (self.folder / STARTS).write_text(text + "\n", encoding="utf-8")

    def __enter__(self) -> DatasetWriter:
        """Use the writer in a `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close; after an error without the episode that was being written."""
        if kind is not None:
            self._pending = 0
        self.close()

    def _save(self) -> None:
        if self._pending:
            self._dataset.save_episode()
            self.episodes += 1
            self._starts.append(self._start)
            self.frames += self._pending
        self._pending = 0

    def _create(self, frame: Frame, known: tuple[str, ...]) -> Any:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        return self._library.LeRobotDataset.create(
            repo_id=f"neural_brain/{self.folder.name}",
            root=self.folder,
            fps=self._fps,
            robot_type=self._robot,
            features=dataset_features(frame, known, videos=self._videos),
            use_videos=self._videos and bool(frame.pictures),
            vcodec="h264",
            video_backend=video_backend(),
        )


def dataset_features(
    frame: Frame, known: tuple[str, ...] = (), *, videos: bool = False
) -> dict[str, dict[str, Any]]:
    """The features of a dataset whose frames look like this one.

    Args:
        frame: an example.
        known: names of what is known of the world.
        videos: pictures as video instead of PNG.
    """
    features: dict[str, dict[str, Any]] = {
        "observation.state": _numbers(frame.names),
        "action": _numbers(frame.action_names),
    }
    if known:
        features[ENVIRONMENT] = _numbers(known)
    for name, picture in frame.pictures.items():
        features[f"observation.images.{name}"] = {
            "dtype": "video" if videos else "image",
            "shape": picture.shape,
            "names": ["height", "width", "channels"],
        }
    times = _numbers(("frame", *frame.captured))
    features[CAPTURE] = {**times, "dtype": "float64"}
    return features


def open_dataset(folder: Path, **options: Any) -> Any:
    """A `LeRobotDataset` on disk.

    Args:
        folder: where it is.
        options: for LeRobotDataset, such as `delta_timestamps`.

    Raises:
        NeuralBrainError: if there is none, or it was not finished.
        ModuleNotFoundError: if the `[lerobot]` extra is not installed.
    """
    library = import_lerobot("lerobot.datasets.lerobot_dataset")
    if not (folder / "meta" / "info.json").is_file():
        raise NeuralBrainError(
            f"There is no LeRobotDataset in {folder}: meta/info.json is missing. Give "
            "the folder that `neural-brain dataset --to` wrote."
        )
    name = f"neural_brain/{folder.name}"
    try:
        if not any((folder / "meta" / "episodes").rglob("*.parquet")):
            raise ValueError("no episode was finished")
        options.setdefault("video_backend", video_backend())
        return library.LeRobotDataset(name, root=folder, **options)
    except (OSError, ValueError, KeyError) as error:
        raise NeuralBrainError(
            f"The LeRobotDataset in {folder} is damaged or was not finished ({error}). "
            "Write it again; only a closed DatasetWriter leaves readable files."
        ) from error


def video_backend() -> str:
    """What LeRobot reads videos with: torchcodec where it is installed, else PyAV."""
    return "pyav" if importlib.util.find_spec("torchcodec") is None else "torchcodec"


def picture_of(item: Any) -> NDArray[np.uint8]:
    """A picture (h, w, 3) of a dataset's item, which holds (3, h, w) in 0..1."""
    rgb: Array = np.moveaxis(np.asarray(item, dtype=np.float64), 0, -1)
    return np.rint(255.0 * rgb).astype(np.uint8)


def _numbers(names: tuple[str, ...]) -> dict[str, Any]:
    if len(names) < 2:  # LeRobot 0.4 takes rows of one number for scalars, and fails
        raise NeuralBrainError(
            f"A frame holds only {', '.join(names) or 'nothing'}; LeRobot's datasets "
            "need at least two numbers of state and action. Record more of the robot."
        )
    return {"dtype": "float32", "shape": (len(names),), "names": list(names)}
