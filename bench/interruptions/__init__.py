"""What happens when somebody or something is heard while Annie speaks."""
