# Writes the built-in profiles into a source file:
#   cmake -DOUTPUT=profiles.cpp -DPROFILES="a.yaml;b.yaml" -P embed.cmake
# A profile's name is its file's stem; PROFILES is in alphabetical order.

set(text "// Generated from config/profiles/*.yaml; do not edit.\n\n")
string(APPEND text "#include \"config/profiles/built_in.hpp\"\n\n")
string(APPEND text "namespace sluice::config {\n\n")
string(APPEND text "const std::vector<built_in_profile> &built_in_table() {\n")
string(APPEND text "  static const std::vector<built_in_profile> table{\n")
foreach(profile IN LISTS PROFILES)
  get_filename_component(name ${profile} NAME_WE)
  file(READ ${profile} yaml)
  string(APPEND text "    {\"${name}\", R\"yaml(${yaml})yaml\"},\n")
endforeach()
string(APPEND text "  };\n  return table;\n}\n\n")
string(APPEND text "} // namespace sluice::config\n")
file(WRITE ${OUTPUT} "${text}")
