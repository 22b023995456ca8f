"""Robots: the Body contract for MuJoCo, ROS 2 and others."""
