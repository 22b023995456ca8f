r"""Our simulated arm as a LeRobot `Robot`, for LeRobot's own tools.

    lerobot-replay --robot.discover_packages_path=neural_brain.robots.lerobot_plugin \
        --robot.type=neural_brain ...

LeRobot imports the modules of this package when it is named so. It could find them by
itself only in a package of its own whose name begins with lerobot_robot_; one option
more on the command line is simpler than a second package to install.
"""
