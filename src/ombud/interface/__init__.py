"""What pages share: forms from the pack, facts and limits in words, template tags, components, static files."""
