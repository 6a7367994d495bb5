"""What has to be right before an issue may go out: each mail readable by everybody, links alive, nothing left over."""
