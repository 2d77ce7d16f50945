#include "tailor/api/access.hpp"
#include "tailor/api/border.hpp"

namespace tailor {

Experiment::Experiment() : inside_(std::make_unique<internal::Experiment>()) {}
Experiment::Experiment(const Experiment& other)
    : inside_(std::make_unique<internal::Experiment>(*other.inside_)) {}
Experiment::Experiment(Experiment&& other) noexcept = default;
Experiment& Experiment::operator=(const Experiment& other) {
  return *this = Experiment(other);
}
Experiment& Experiment::operator=(Experiment&& other) noexcept = default;
Experiment::~Experiment() = default;

Experiment Experiment::read(const std::filesystem::path& file) {
  return internal::at_border(
      [&] { return internal::Access::show(internal::load_experiment(file)); });
}

Experiment Experiment::parse(const std::string& toml) {
  return internal::Access::show(internal::parse_experiment(toml, "the experiment"));
}

Experiment& Experiment::set(const std::string& path, const Value& value) {
  internal::apply(*inside_, {{path, value}});
  return *this;
}

Experiment& Experiment::set_text(const std::string& path, const std::string& value) {
  internal::apply_text(*inside_, path, value);
  return *this;
}

std::string Experiment::toml() const {
  return internal::to_toml(*inside_);
}

}  // namespace tailor
