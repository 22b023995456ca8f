"""Simulated worlds, robots and sensors. Imports no ROS."""
