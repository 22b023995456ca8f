"""ROS 2 nodes: parameters, topics, conversions. No algorithm lives here."""
