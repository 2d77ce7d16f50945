// What `tailor help` prints.
#pragma once

#include <string>
#include <vector>

#include "tailor/cli/command.hpp"

namespace tailor::internal {

bool asks_for_help(const std::string& word);  // help, --help, -h

// What every command takes, after its own.
void add_common_options(Options& options, bool* json, bool* quiet);

// On one command: what it does, usage, examples, options, exit statuses. `options` as its
// declaration left them.
std::string command_help(const Command& command, const Options& options);

// On what `words` name: nothing (all commands by group), a command, a group ("data"), a topic
// ("layers", "experiment", "exit"), a layer ("conv2d"), an option ("train.epochs"). With
// --markdown among them a reference in that form. Throws bad_input for anything else.
std::string help_on(const std::vector<Command>& commands, std::vector<std::string> words);

// Whether some command is of two words, the first of which is this one.
bool is_command_group(const std::vector<Command>& commands, const std::string& word);

}  // namespace tailor::internal
