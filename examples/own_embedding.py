"""An embedding of your own: a picture is known by the colours of its parts.

python examples/own_embedding.py
"""

import numpy as np

from neural_brain.models.sensing import make_embedding

TILES = 4


class ColourGrid:
    """An `Embedding`: mean colours of 4 x 4 parts of a picture."""

    name, size = "colour-grid-4", TILES * TILES * 3

    def embed(self, rgb):
        """(48,) numbers of a picture (h, w, 3), whatever its light."""
        rows = np.array_split(rgb.astype(np.float32), TILES, axis=0)
        tiles = [tile for row in rows for tile in np.array_split(row, TILES, axis=1)]
        means = np.array([tile.mean(axis=(0, 1)) for tile in tiles])
        return (means - means.mean(axis=0)).ravel() / max(means.std(), 1e-6)


def likeness(embedding, a, b):
    """Cosine of the vectors of two pictures."""
    first, second = embedding.embed(a), embedding.embed(b)
    return first @ second / (np.linalg.norm(first) * np.linalg.norm(second))


def main():
    """Load it by its import path, as a robot does, and compare three pictures."""
    embedding = make_embedding("own_embedding:ColourGrid")
    x, y = np.meshgrid(np.linspace(0, 255, 192), np.linspace(0, 255, 144))
    here = np.stack([x, y, 255 - x], axis=2).astype(np.uint8)
    dim, elsewhere = here // 2, here[:, ::-1]
    print(f"{embedding.name}: {embedding.size} numbers")
    print(f"the same place in dim light: {likeness(embedding, here, dim):+.2f}")
    print(f"another place: {likeness(embedding, here, elsewhere):+.2f}")


if __name__ == "__main__":
    main()
