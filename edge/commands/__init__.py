"""The commands of the `edge` program, one file each: `add(subparsers)` declares, `main(args)` runs."""
