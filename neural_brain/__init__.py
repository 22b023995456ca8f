"""A robot brain for ROS 2: it senses, maps, remembers, acts and protects itself.

The layers (`models`, `robots`, `sim`, `view`, `benchmarks`, `nodes`, `cli`) are
folders beside this one. An installed copy holds them inside the package; in a
checkout (and in a colcon symlink install) the line below finds them.
"""

from pathlib import Path

__version__ = "0.1.0"

_root = Path(__file__).resolve().parent.parent
if (_root / "package.xml").is_file() and (_root / "models" / "__init__.py").is_file():
    __path__.append(str(_root))
