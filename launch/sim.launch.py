"""The whole loop in simulation: fast process, simulated sensors, brain.

ros2 launch neural_brain sim.launch.py seed:=7        (with ROS's launch system)
neural-brain up sim seed:=7                           (without)
"""

from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

from launch.substitutions import LaunchConfiguration

from launch import LaunchDescription

WORLDS = ["home", "small_home", "room"]
DETECTORS = ["network", "coco", "openimages", "both", "oracle", "none"]
OWN = [
    ("world", "home", WORLDS, "a home made from the seed, or an empty room"),
    ("seed", "0", None, "of the home"),
    (
        "detector",
        "network",
        DETECTORS,
        "what finds objects; oracle = the simulator's own labels",
    ),
    ("time_scale", "1.0", None, "simulated seconds per real second"),
]


def generate_launch_description():
    parts = SimpleNamespace(**run_path(str(Path(__file__).with_name("parts.py"))))
    shared = parts.arguments(
        "compose", "params_file", "memory_file", "link", "namespace", "autostart",
        "discovery", "log_level",
    )  # fmt: skip
    fast = parts.fast_process(
        "--world", LaunchConfiguration("world"), "--seed", LaunchConfiguration("seed"),
        "--link", LaunchConfiguration("link"),
        "--memory", LaunchConfiguration("memory_file"),
        "--time-scale", LaunchConfiguration("time_scale"),
    )  # fmt: skip
    link, memory = parts.value("link"), parts.value("memory_file")
    detector = parts.value("detector")
    # On a busy machine `/clock` reaches a node later than the data stamped with it.
    late_clock = {"gate.max_future_s": 0.5}
    single = {
        "sensing": [detector, late_clock],
        "maps": [memory, late_clock],
        "executive": [late_clock],
        "motion": [late_clock],
        "body": [link, late_clock],
    }
    whole = [link, memory, detector, late_clock]
    brain = parts.brain(whole, single, use_sim_time=True)
    sim = parts.node("sim_node", link, use_sim_time=True)
    own = [parts.argument(*item) for item in OWN]
    return LaunchDescription([*own, *shared, *parts.environment(), fast, sim, *brain])
