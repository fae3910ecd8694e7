"""What a configuration says that Asterisk loads without a word and that cannot work: notes, which stop nothing."""
