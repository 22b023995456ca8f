"""The brain. Imports no ROS, no simulator, and reads no clock: time is an argument."""
