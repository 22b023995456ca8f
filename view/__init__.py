"""What people look at: dashboard, report, recordings."""
