#!/usr/bin/env node
// The command line: `npx pinlab <command>`.

import './node-version.mjs'

import('./command-line.mjs')
