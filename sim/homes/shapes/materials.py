"""Materials and procedural textures, made once per kind and colour."""

from __future__ import annotations

import mujoco

from neural_brain.sim.homes.shapes.colours import Rgb

_SHINE = {
    "wood": (0.15, 0.3),
    "fabric": (0.0, 0.0),
    "plastic": (0.35, 0.6),
    "ceramic": (0.45, 0.8),
    "metal": (0.5, 0.7),
    "paper": (0.0, 0.0),
    "leaf": (0.1, 0.3),
    "floor": (0.05, 0.1),
    "wall": (0.0, 0.0),
}
"""Specular and shininess of every kind of material."""

_MARKED = {"wood": 0.10, "fabric": 0.25, "leaf": 0.15}
"""Share of texels that differ, for materials with a texture."""


class Materials:
    """Hands out materials of a model under construction."""

    def __init__(self, spec: mujoco.MjSpec) -> None:
        self._spec = spec
        self._known: dict[tuple[str, Rgb], str] = {}
        self._textures: set[str] = set()

    def get(self, kind: str, rgb: Rgb) -> str:
        """The name of a material of a kind and colour."""
        key = (kind, rgb)
        if key not in self._known:
            name = f"{kind}_{len(self._known)}"
            material = self._spec.add_material(name=name)
            material.rgba = [*rgb, 1.0]
            material.specular, material.shininess = _SHINE[kind]
            if kind in _MARKED:
                self._use(material, self._grain(kind), repeat=(1.0, 1.0))
            self._known[key] = name
        return self._known[key]

    def floor(self, name: str, first: Rgb, second: Rgb, tiles_per_m: float) -> str:
        """A material of chequered tiles."""
        texture = self._spec.add_texture(
            name=f"tex_{name}",
            type=mujoco.mjtTexture.mjTEXTURE_2D,
            builtin=mujoco.mjtBuiltin.mjBUILTIN_CHECKER,
            rgb1=list(first),
            rgb2=list(second),
            mark=mujoco.mjtMark.mjMARK_EDGE,
            markrgb=[0.5 * c for c in second],
            width=128,
            height=128,
        )
        material = self._spec.add_material(name=name)
        material.specular, material.shininess = _SHINE["floor"]
        self._use(material, texture.name, repeat=(tiles_per_m / 2, tiles_per_m / 2))
        material.texuniform = True
        return name

    def _grain(self, kind: str) -> str:
        """White with random lighter and darker dots; the material's colour tints it."""
        name = f"tex_{kind}"
        if name not in self._textures:
            self._textures.add(name)
            self._spec.add_texture(
                name=name,
                type=mujoco.mjtTexture.mjTEXTURE_CUBE,
                builtin=mujoco.mjtBuiltin.mjBUILTIN_FLAT,
                rgb1=[1.0, 1.0, 1.0],
                rgb2=[1.0, 1.0, 1.0],
                mark=mujoco.mjtMark.mjMARK_RANDOM,
                markrgb=[0.86, 0.86, 0.86],
                random=_MARKED[kind],
                width=64,
                height=64 * 6,
            )
        return name

    @staticmethod
    def _use(material: object, texture: str, *, repeat: tuple[float, float]) -> None:
        layers = list(material.textures)  # type: ignore[attr-defined]
        layers[int(mujoco.mjtTextureRole.mjTEXROLE_RGB)] = texture
        material.textures = layers  # type: ignore[attr-defined]
        material.texrepeat = list(repeat)  # type: ignore[attr-defined]
