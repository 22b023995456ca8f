"""Make the virtual environment that a `make` target needs; at once if it is there.

    python3 scripts/environment.py [--with test] [--with EXTRA ...] [--all]
                                   [--ros kilted]

Uses a sourced ROS 2 if there is one, and ROS wheels from PyPI otherwise. Missing
system libraries are installed where this is allowed (root, or sudo without a
password); else the one line to type is printed. Needs Python 3.10 to 3.12 only.
"""

import argparse
import ctypes
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
SUPPORTED = ((3, 10), (3, 13))
# What to look for, and the Debian packages that hold it.
DRAWING = ("libEGL.so.1", "libOSMesa.so.8"), ("libegl1", "libgl1-mesa-dri")
BROWSERS = ("chromium", "chromium-browser", "google-chrome"), ("chromium",)
COMPILER = ("g++", "cmake", "make"), ("g++", "cmake", "make")
LIBRARIES = {
    "pointcloud": (("libusb-1.0.so.0", "libGL.so.1"), ("libusb-1.0-0", "libgl1")),
}
# A lock each in requirements/, in the order of installation.
EXTRAS = ("test", "learn", "robots", "pybullet", "fleet", "perception", "pointcloud")
EXTRAS += ("lerobot",)
# Locks that leave out part of what their packages ask for, because it is not used.
NO_DEPS = ("robots", "pointcloud", "lerobot")


def main():
    """Bring the environment up to date and say what it took."""
    options = parse()
    check_python()
    started = time.monotonic()
    need_system_packages(options.extras)
    sourced = has_sourced_ros()
    wheels = not sourced and has_wheels()
    locks = [REQUIREMENTS / (f"{options.ros}.txt" if wheels else "humble.txt")]
    locks += [REQUIREMENTS / f"{extra}.txt" for extra in options.extras]
    if is_current(options.venv, locks):
        return
    python = options.venv / "bin" / "python"
    if not python.exists():
        create(options.venv, system_packages=sourced)
    check_version(options.venv)
    install(python, locks, options.torch_index)
    if wheels:
        build_transforms(python, options.ros)
    for count in range(1, len(locks) + 1):
        stamp(options.venv, locks[:count]).write_text(fingerprint(locks[:count]))
    report(options.venv, time.monotonic() - started)


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    parser.add_argument(
        "--with",
        dest="extras",
        action="append",
        default=[],
        choices=EXTRAS,
        help="also install an extra; may be given several times",
    )
    parser.add_argument("--all", action="store_true", help="install all extras")
    parser.add_argument(
        "--ros",
        default="kilted",
        choices=("kilted", "jazzy"),
        help="which ROS wheels to take when no ROS is sourced",
    )
    parser.add_argument("--torch-index", default="", help="package index of PyTorch")
    options = parser.parse_args()
    options.venv = options.venv.absolute()
    if options.all:
        options.extras = list(EXTRAS)
    return options


def check_python():
    """Stop on a Python that is not supported."""
    if not SUPPORTED[0] <= sys.version_info[:2] < SUPPORTED[1]:
        stop(
            f"Python {platform.python_version()} is not supported (3.10 to 3.12 are). "
            "Name another one, as in: make PYTHON=python3.12 demo"
        )


def has_sourced_ros():
    """Whether the shell has a ROS 2 whose Python is this one."""
    if not os.environ.get("ROS_DISTRO"):
        return False
    if importlib.util.find_spec("rclpy") is None:
        say(f"ROS {os.environ['ROS_DISTRO']} is of another Python; taking wheels.")
        return False
    return True


def has_wheels():
    """Whether PyPI has ROS wheels for this machine."""
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        return True
    say(f"No ROS wheels for {platform.machine()}: core only. Source a ROS 2 for nodes.")
    return False


def need_system_packages(extras):
    """Install the system libraries that are missing, or say how to."""
    missing = []
    if not any(loads(name) for name in DRAWING[0]):
        missing += DRAWING[1]
    if "test" in extras and not any(map(shutil.which, BROWSERS[0])):
        missing += BROWSERS[1]
    for extra in extras:
        libraries, packages = LIBRARIES.get(extra, ((), ()))
        missing += [
            package
            for library, package in zip(libraries, packages)  # noqa: B905
            if not loads(library)
        ]
    if not has_compiler():
        missing += [name for name in COMPILER[1] if not shutil.which(name)]
    if missing:
        apt_install(missing)


def apt_install(missing):
    """Install Debian packages, or say what to type."""
    if not shutil.which("apt-get"):
        say(f"Install with your package manager: {' '.join(missing)}")
        return
    line = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    prefix = privileges()
    if prefix is None:
        say(f"Missing: {' '.join(missing)}. Type this line, then try again:")
        say(f"    sudo {line}")
        return
    say(f"Installing {' '.join(missing)}")
    calm = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get update -qq", line.replace("-y", "-y -qq")):
        if subprocess.run([*prefix, *command.split()], env=calm).returncode:
            say("That failed; going on without. Type: sudo " + line)
            return


def privileges():
    """Words before a command that needs root: none, sudo, or None if not allowed."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        asked = subprocess.run(["sudo", "-n", "true"], capture_output=True)
        if asked.returncode == 0:
            return ["sudo", "-n"]
    return None


def loads(library):
    """Whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_compiler():
    """Whether C++ can be compiled here."""
    return all(map(shutil.which, COMPILER[0]))


def is_current(venv, locks):
    """Whether these locks, as they are now, are installed already."""
    file = stamp(venv, locks)
    return file.is_file() and file.read_text() == fingerprint(locks)


def stamp(venv, locks):
    """The file that remembers which state of the locks was installed."""
    return venv / f".locks-{'-'.join(path.stem for path in locks)}"


def fingerprint(locks):
    """Changes when the environment must be made anew."""
    digest = hashlib.sha256(platform.python_version().encode())
    for path in [*locks, ROOT / "setup.py", Path(__file__)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def create(venv, system_packages):
    """Make an empty virtual environment."""
    say(f"Making {venv} with Python {platform.python_version()}")
    words = ["--system-site-packages"] if system_packages else []
    command = [sys.executable, "-m", "venv", *words, str(venv)]
    if importlib.util.find_spec("ensurepip") is None:  # Debian splits it off
        apt_install([f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"])
    if subprocess.run(command).returncode:
        shutil.rmtree(venv, ignore_errors=True)
        stop("Python cannot make a virtual environment; its message is above.")


def check_version(venv):
    """Stop if the environment was made with another Python than this one."""
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if not (venv / "lib" / name).is_dir():
        stop(
            f"{venv} was not made with {name}. Remove it (make clean), or name "
            f"another one: make VENV=.venv-{name} PYTHON={name} demo"
        )


def install(python, locks, torch_index):
    """Install the locked versions and, as a link to this folder, the package."""
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "-qq"]
    if torch_index:
        pip += ["--extra-index-url", torch_index]
    venv = python.parent.parent
    for path in locks:
        started, before = time.monotonic(), megabytes(venv)
        words = ["--no-deps"] if path.stem in NO_DEPS else []
        run([*pip, *words, "-r", str(path)])
        grown = megabytes(venv) - before
        say(f"  {path.name:16s} {time.monotonic() - started:4.0f} s {grown:6d} MB")
    run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])


def megabytes(folder):
    """Size of a folder on disk."""
    size = subprocess.run(["du", "-sm", str(folder)], capture_output=True, text=True)
    return int(size.stdout.split("\t")[0] or 0)


def build_transforms(python, ros):
    """Build tf2_msgs; without it all works but `/tf` of the nodes."""
    if not has_compiler():
        say("No C++ compiler: tf2_msgs is not built and nodes publish no /tf.")
        return
    script = ROOT / "scripts" / "build_tf2_msgs.sh"
    if subprocess.run([str(script), str(python), ros]).returncode:
        say("tf2_msgs could not be built; the simulator and the demo need it not.")


def run(command):
    """Run a command; end with its exit code if it fails."""
    code = subprocess.run(command, cwd=ROOT).returncode
    if code:
        sys.exit(code)


def report(venv, seconds):
    """Say how long it took and how large it is."""
    say(f"Environment ready: {seconds:.0f} s, {megabytes(venv)} MB in {venv}")


def say(text):
    """Print one line at once."""
    print(text, flush=True)


def stop(text):
    """End with a message for the user."""
    print(text, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
