"""A detector of your own: everything red is a ball. One method is enough.

python examples/own_detector.py
"""

import numpy as np

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.sensing import (
    InstanceConfig,
    Sensing,
    SensingConfig,
    describe_instances,
)
from neural_brain.robots import make_room_body


class RedBalls:
    """A `Detector`: takes a colour and depth frame, returns objects."""

    def detect(self, frame):
        """Red pixels with depth, as objects in `base_link`."""
        red, green, blue = np.moveaxis(frame.rgb.astype(int), 2, 0)
        mask = (red > 90) & (red > 2 * green) & (red > 2 * blue) & (frame.depth > 0)
        return describe_instances(
            frame,
            classes=np.where(mask, CATEGORIES.index("ball"), 0),
            pieces=mask.astype(int),  # one piece; label connected parts for more
            score=mask.astype(np.float32),
            config=InstanceConfig(),
        )


def main():
    """Look once at the table with the red ball and print what is seen."""
    body = make_room_body(table=True)
    sensing = Sensing(SensingConfig(), RedBalls())
    frame = None
    while frame is None:
        body.advance()
        _, frame = body.poll()
    percepts = sensing.step(None, frame, body.read())
    for thing in percepts.objects:
        x, y, z = thing.center_base
        print(f"a {thing.colour} {thing.category} at ({x:.2f}, {y:.2f}, {z:.2f}) m")
    body.close()


if __name__ == "__main__":
    main()
