"""Pages for people: drawn here, working without JavaScript but for plots and live updates."""
