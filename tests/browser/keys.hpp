// Keys as DevTools wants them.
#pragma once

#include <string>

namespace tailor::internal::browser {

struct Key {
  int number = 0;     // Windows' virtual key
  std::string place;  // on the keyboard, KeyboardEvent.code: "KeyA", "Digit1", "Space"
  std::string text;   // what it types
};

// By its DOM name: "a", "Enter", "ArrowLeft". Throws std::runtime_error for one it does not know.
Key find_key(const std::string& name);

}  // namespace tailor::internal::browser
