# Writes the status page's files into a source file:
#   cmake -DOUTPUT=page.cpp -DFOLDER=pipeline/serve/page -P embed.cmake

set(files
  "/|page.html|text/html"
  "/page.css|page.css|text/css"
  "/page.js|page.js|text/javascript"
  "/account.js|account.js|text/javascript"
  "/charts.js|charts.js|text/javascript"
  "/dom.js|dom.js|text/javascript"
  "/runs.js|runs.js|text/javascript"
  "/icon.svg|icon.svg|image/svg+xml")

set(text "// Generated from pipeline/serve/page; do not edit.\n\n")
string(APPEND text "#include \"pipeline/serve/page/page_file.hpp\"\n\n")
string(APPEND text "namespace sluice {\n\n")
string(APPEND text "const page_file* find_page_file(std::string_view path) {\n")
string(APPEND text "  static constexpr page_file table[] = {\n")
foreach(entry IN LISTS files)
  string(REGEX MATCH "^([^|]*)[|]([^|]*)[|](.*)$" matched "${entry}")
  set(path "${CMAKE_MATCH_1}")
  set(name "${CMAKE_MATCH_2}")
  set(type "${CMAKE_MATCH_3}")
  file(READ ${FOLDER}/${name} content)
  string(APPEND text "    {\"${path}\", \"${type}\",\n")
  string(APPEND text "     R\"page(${content})page\"},\n")
endforeach()
string(APPEND text "  };\n  for (auto& file : table)\n")
string(APPEND text "    if (file.path == path)\n      return &file;\n")
string(APPEND text "  return nullptr;\n}\n\n} // namespace sluice\n")
file(WRITE ${OUTPUT} "${text}")
