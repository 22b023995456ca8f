"""Parts of the benchmark `nav-topology`: graphs, baselines, measures."""
