"""What the checks ask about one candidate, a part in each file; `facts` has all of it by name."""
