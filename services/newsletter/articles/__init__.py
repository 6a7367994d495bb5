"""Articles: success stories, projects, handouts, literature, figures, changes of law and topic pages."""
