#include "core/input/csv_layout.hpp"
#include "core/input/list_reader.hpp"
#include "tests/core/input/import_setup.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string layout_of(const std::string& text, const std::string& field = "url",
                      list_delimiter delimiter = list_delimiter::automatic) {
  auto found = find_csv_layout({text, true}, delimiter, field);
  return found ? found->text() : what_of(found.error());
}

} // namespace

TEST_CASE("the header shows how the columns of a CSV list are separated") {
  CHECK(layout_of("id,url\n1,http://a;x\n")
        == "csv, separated by commas, URL in column 2 of 2 (url)");
  CHECK(layout_of("\n id ; url ;price\n1;http://a,b;12\n")
        == "csv, separated by semicolons, URL in column 2 of 3 (url)");
  CHECK(layout_of("url\tid\nhttp://a\t12\n")
        == "csv, separated by tabs, URL in column 1 of 2 (url)");
  CHECK(layout_of("\"url\";\"a,b\"\n")
        == "csv, separated by semicolons, URL in column 1 of 2 (url)");
  CHECK(layout_of("url\nhttp://a\nhttp://b/;jsessionid=1\n")
        == "csv, separated by commas, URL in column 1 of 1 (url)");
  check_holds(layout_of("url,a;url\n"),
              "separated by commas or semicolons; set input.delimiter");
}

TEST_CASE("a column name matches in another case only if it is unique") {
  CHECK(layout_of("ID;URL\n")
        == "csv, separated by semicolons, URL in column 2 of 2 (URL)");
  CHECK(layout_of("Url,url,URL\n")
        == "csv, separated by commas, URL in column 2 of 3 (url)");
  CHECK(layout_of("Url,x,URL\n")
        == "several columns are named \"url\": Url, URL; write the exact "
           "name of one under input.field");
}

TEST_CASE("a list without a header is read by column number") {
  CHECK(layout_of("1;http://a/x,y\n2;http://b\n", "2")
        == "csv, separated by semicolons, URL in column 2, no header");
  CHECK(layout_of("http://a\nhttp://b\n", "1")
        == "csv, separated by commas, URL in column 1, no header");
  CHECK(layout_of("http://a\t12\nhttp://b\t13\n", "1")
        == "csv, separated by tabs, URL in column 1, no header");
  CHECK(layout_of("http://a/;jsessionid=1\n", "1")
        == "csv, separated by commas, URL in column 1, no header");
  CHECK(layout_of("1,2\nx,http://a\n", "2", list_delimiter::comma)
        == "csv, separated by commas, URL in column 2 of 2 (2)");
  CHECK(layout_of("x;http://a\n", "1", list_delimiter::comma)
        == "csv, separated by commas, URL in column 1, no header");
  check_holds(layout_of("http://a/b,c;12\nhttp://a/b,d;12\n", "1"),
              "commas or semicolons");
  CHECK(layout_of("a,b\n", "2")
        == "no row has a URL in column 2; see input.field and "
           "input.delimiter");
  check_holds(layout_of("\n", "2"), "no row that can be read");
}

TEST_CASE("a list without a header or a column number is refused with advice") {
  CHECK(layout_of("12;http://a\n13;http://b\n")
        == "the first row is not a header: column 2 holds a URL; write "
           "`input.field: 2` for a list without a header");
}

TEST_CASE("a header with another separator never produces URLs with the rest "
          "of a row") {
  auto list = "url;price\nhttp://a;12\n";
  CHECK(layout_of(list, "url", list_delimiter::comma)
        == "the header row is separated by semicolons; write "
           "`input.delimiter: semicolon`");
  for (auto delimiter : {list_delimiter::automatic, list_delimiter::comma,
                         list_delimiter::semicolon, list_delimiter::tab})
    CHECK_FALSE(find_csv_layout({list, true}, delimiter, "url;price"));
  CHECK(layout_of(list, "link")
        == "no column \"link\"; the columns are url, price; set "
           "input.field to the one with the URL");
  CHECK(layout_of("url\thref,x\nhttp://a\t12\n", "href")
        == "no column \"href\"; the columns are url, href,x; set "
           "input.field to the one with the URL");
  for (auto field : {"url", "url|price"})
    check_holds(layout_of("url|price\nhttp://a|12\n", field),
                "has no supported separator");
}

TEST_CASE("a header of one column is checked against the rows") {
  CHECK(layout_of("url\nhttp://a;12\nhttp://b;13\n")
        == "the header row has one column, but the rows are separated by "
           "semicolons; write `input.delimiter: semicolon`");
  check_holds(layout_of("url\nhttp://a\t12\n"), "input.delimiter: tab");
  CHECK(layout_of("url\nhttp://a;12\n", "url", list_delimiter::semicolon)
        == "csv, separated by semicolons, URL in column 1 of 1 (url)");
}

TEST_CASE("a URL is never submitted with the rest of its row") {
  std::string rows = "url\n";
  for (int i = 0; i < 300; ++i)
    rows += "http://h/" + std::to_string(i) + '\n';
  for (auto list : {rows + "http://h/x;12\nhttp://h/y;12.50\nhttp://h/z;\n",
                    rows + "http://h/x\t12\nhttp://h/y\t\nhttp://h/z\tred\n"}) {
    import_setup setup;
    setup.list("a.csv", list);
    auto counts = setup.run();
    CHECK(counts.urls + counts.invalid == 303);
    for (auto& url : setup.target.urls_of("r"))
      CHECK(url.find_first_of(";\t") == std::string::npos);
  }
  import_setup short_rows;
  short_rows.list("a.csv", "url,id\nhttp://h/1,1\nhttp://h/2;red\n"
                           "http://h/3;jsessionid=4,2\n\"http://h/4;5\"\n");
  CHECK(short_rows.run().invalid == 1);
  CHECK(short_rows.target.urls_of("r")
        == texts{"http://h/1", "http://h/3;jsessionid=4", "http://h/4;5"});
}

TEST_CASE("a URL that a separator truncates is never submitted") {
  import_setup setup;
  setup.list("a.csv", "id,url\n1,http://h/x,y\n2,\"http://h/x,y\"\n"
                      "3,http://h/z,\n");
  CHECK(setup.run().invalid == 1);
  CHECK(setup.target.urls_of("r") == texts{"http://h/x,y", "http://h/z"});
  CHECK(setup.target.invalid.at(0).reason
        == "has more fields than there are columns, so the URL may be cut: put "
           "it in quotes");
  // For a column in any position, even if the first row is truncated.
  for (auto [field, list] : {std::pair{"url", "url,price\nhttp://h/a,b,12\n"
                                              "http://h/c,3\n"},
                             {"url", "url;price\nhttp://h/a;b;12\n"
                                     "http://h/c;3\n"},
                             {"2", "1,http://h/a,b\n2,http://h/c\n"
                                   "3,http://h/d,e\n"},
                             {"url", "url,price\nhttp://h/1;12,50\n"
                                     "http://h/c,3\n"},
                             {"url", "url\nhttp://h/1|12\nhttp://h/c\n"}}) {
    CAPTURE(list);
    import_setup cut;
    cut.job.input.field = field;
    cut.list("a.csv", list);
    CHECK(cut.run().invalid > 0);
    CHECK(cut.target.urls_of("r") == texts{"http://h/c"});
  }
}

TEST_CASE("ambiguous rows are not guessed at") {
  import_setup setup;
  setup.job.input.field = "1";
  setup.list("a.csv", "https://n.example/art,123\nhttps://n.example/art,124\n");
  check_holds(setup.failure(ec::input), "input.format: lines");
  setup.job.input.delimiter = list_delimiter::comma;
  CHECK(setup.run().duplicates == 1);
}

TEST_CASE("a number names a column only in a row without URLs") {
  import_setup setup;
  setup.job.input.field = "1";
  setup.list("a.tsv", "http://h/x\t1\nhttp://h/y\t5\n");
  CHECK(setup.run().urls == 2);
}

TEST_CASE("lists with every separator are read and reported") {
  import_setup setup;
  std::string told;
  setup.job.opened = [&](auto& list, auto& form) {
    told += list.substr(list.rfind('/') + 1) + ": " + form + '\n';
  };
  setup.list("a.csv", "id;URL\r\n1;http://h/1\r\n2;\"http://h/2;x\"\r\n");
  setup.list("b.tsv", "url\tx,y\nhttp://h/3,z\t\n");
  setup.list("c.txt", "http://h/4\n");
  CHECK(setup.run().urls == 4);
  CHECK(setup.target.urls_of("r")
        == texts{"http://h/1", "http://h/2;x", "http://h/3,z", "http://h/4"});
  CHECK(told
        == "a.csv: csv, separated by semicolons, URL in column 2 of 2 (URL)\n"
           "b.tsv: csv, separated by tabs, URL in column 1 of 2 (url)\n"
           "c.txt: one URL per line\n");
}

TEST_CASE("an explicit separator takes precedence") {
  input_options options;
  CHECK(reading_of("a.csv.gz", options) == "csv, column 'url'");
  CHECK(reading_of("a.tsv", options) == "csv, column 'url', tabs");
  options.delimiter = list_delimiter::semicolon;
  CHECK(reading_of("a.csv", options) == "csv, column 'url', semicolons");
  CHECK(reading_of("a.json", options) == "json, member 'url'");
}

TEST_CASE("the first row of a list without a header is a record") {
  import_setup setup;
  setup.job.input.field = "2";
  setup.list("a.csv", "1;http://h/1\n2;http://h/2\n");
  CHECK(setup.run().urls == 2);
}
