#include "tapir/windows/registry_export.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/registry_text.h"
#include "tapir/windows/wtf8.h"
#include "tests/support/registry_export_text.h"
#include "tests/support/test_bytes.h"

namespace tapir {
namespace {

const std::string kHead5 = "Windows Registry Editor Version 5.00\r\n\r\n";
const std::string kHead4 = "REGEDIT4\r\n\r\n";

// All that has a form of its own, as regedit writes it.
const std::string kSample = kHead5 +
                            "[HKEY_LOCAL_MACHINE\\SYSTEM]\r\n"
                            "; a comment\r\n"
                            "@=\"default\"\r\n"
                            "\"a \\\\ \\\"b\\\"\"=\"C:\\\\x \\\"y\\\"\"\r\n"
                            "\"lines\"=\"one\r\ntwo\"\r\n"
                            "\"n\"=dword:0000001f\r\n"
                            "\"b\"=hex:01,02,\\\r\n  fF\r\n"
                            "\"odd\"=hex(80000001):\r\n"
                            "\r\n"
                            "[HKEY_LOCAL_MACHINE\\SYSTEM\\Größe\\b]\r\n"
                            "\"list\"=hex(7):41,00,00,00,42,00,00,00,00,00\r\n";

RegistryExport ReadExport(const std::string& text, const RegistryExportLimits& limits = {}) {
  return ReadRegistryExport(AsBytes(text), limits);
}

std::string Utf16Data(std::string_view text) { return test::InUtf16(text).substr(2); }

const RegistryKey& KeyOf(const RegistryExport& read, std::u16string_view path) {
  static const RegistryKey kNone(u"no such key");
  const RegistryKey* found = read.root.Find(path);
  return found != nullptr ? *found : kNone;
}

// "type:data" of a value.
std::string ValueAt(const RegistryExport& read, std::u16string_view path,
                    std::u16string_view name) {
  const RegistryValue* value = KeyOf(read, path).value(name);
  return value == nullptr ? "none" : std::to_string(value->type) + ":" + value->data;
}

// Of one line under a key in version 5, with everything said of it.
struct OneLine {
  std::vector<RegistryValue> values;
  std::string said;
};
OneLine ReadLine(const std::string& line, const std::string& head = kHead5) {
  const RegistryExport read = ReadExport(head + "[HKLM\\k]\n" + line + "\n\"last\"=dword:1\n");
  OneLine one{KeyOf(read, u"HKEY_LOCAL_MACHINE\\k").values, {}};
  EXPECT_FALSE(one.values.empty()) << line;
  std::erase_if(one.values, [](const RegistryValue& value) { return value.name == u"last"; });
  for (const Finding& finding : read.findings) one.said += finding.text + "; ";
  return one;
}

void ExpectSample(const RegistryExport& read) {
  EXPECT_TRUE(read.findings.empty()) << read.findings.front().text;
  const std::u16string system = u"HKEY_LOCAL_MACHINE\\SYSTEM";
  EXPECT_EQ(ValueAt(read, system, u""), "1:" + Utf16Data(std::string("default\0", 8)));
  EXPECT_EQ(ValueAt(read, system, u"a \\ \"b\""),
            "1:" + Utf16Data(std::string("C:\\x \"y\"\0", 9)));
  EXPECT_EQ(ValueAt(read, system, u"lines"), "1:" + Utf16Data(std::string("one\r\ntwo\0", 9)));
  EXPECT_EQ(ValueAt(read, system, u"n"), std::string("4:\x1f\0\0\0", 6));
  EXPECT_EQ(ValueAt(read, system, u"b"), "3:\x01\x02\xff");
  EXPECT_EQ(ValueAt(read, system, u"odd"), "2147483649:");
  EXPECT_EQ(KeyOf(read, system).values.size(), 6u);
  EXPECT_EQ(ValueAt(read, u"hkey_local_machine\\system\\GRÖSSE\\b", u"list"), "none");
  const RegistryValue* list = KeyOf(read, system + u"\\GRÖßE\\b").value(u"LIST");
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(RegistryStrings(*list), (std::vector<std::string>{"A", "B"}));
}

TEST(RegistryExport, AllFormsInEachEncoding) {
  ExpectSample(ReadExport(kSample));
  ExpectSample(ReadExport("\xef\xbb\xbf" + kSample));
  ExpectSample(ReadExport(test::InUtf16(kSample)));
  ExpectSample(ReadExport(test::InUtf16(kSample).substr(2)));
  EXPECT_EQ(ReadExport(kSample).version, 5u);
}

TEST(RegistryExport, VersionFour) {
  // In Windows-1252, in UTF-8, and in UTF-16.
  const std::string latin = kHead4 + "[HKLM\\k]\n\"\xe4\x80\"=\"\xdf\"\n";
  const std::string utf8 = kHead4 + "[HKLM\\k]\n\"ä€\"=\"ß\"\n";
  for (const std::string& text : {latin, utf8, test::InUtf16(utf8)}) {
    const RegistryExport read = ReadExport(text);
    EXPECT_EQ(read.version, 4u);
    EXPECT_TRUE(read.findings.empty());
    EXPECT_EQ(ValueAt(read, u"HKEY_LOCAL_MACHINE\\k", u"ä€"), std::string("1:\xdf\0\0\0", 6));
  }
  // Bytes of texts are in the code page, too, those of other types are bytes.
  const auto data = [](const std::string& line, const std::string& head) {
    const OneLine one = ReadLine(line, head);
    return one.values.size() == 1 ? one.values.front().data : one.said;
  };
  EXPECT_EQ(data("\"a\"=hex(7):41,00,e4,00,00", kHead4), Utf16Data({"A\0ä\0\0", 6}));
  EXPECT_EQ(data("\"a\"=hex(2):41,00", kHead4), std::string("A\0\0\0", 4));
  EXPECT_EQ(data("\"a\"=hex(1):c3,a4", kHead4), Utf16Data("ä"));
  EXPECT_EQ(data("\"a\"=hex:41,00", kHead4), std::string("A\0", 2));
  EXPECT_EQ(data("\"a\"=hex(2):41,00", kHead5), std::string("A\0", 2));
}

TEST(RegistryExport, ShortNamesOfRoots) {
  const RegistryExport read = ReadExport(
      kHead5 + "[HKLM\\a]\n[hkey_Local_Machine\\b\\]\n[HKCU]\n[HKU\\a]\n[HKCR]\n[HKCC]\n");
  EXPECT_TRUE(read.findings.empty());
  ASSERT_EQ(read.root.subkeys.size(), 5u);
  EXPECT_EQ(read.root.subkeys[0].name, u"HKEY_CLASSES_ROOT");
  EXPECT_EQ(KeyOf(read, u"HKEY_LOCAL_MACHINE").subkeys.size(), 2u);
}

TEST(RegistryExport, TheLastOneStays) {
  const RegistryExport read =
      ReadExport(kHead5 +
                 "[HKLM\\a]\n\"x\"=dword:1\n\"X\"=dword:2\n\"y\"=dword:3\n"
                 "[HKLM\\b\\c]\n[-HKLM\\B]\n\"lost\"=dword:1\n"
                 "[HKLM\\A]\n\"z\"=dword:4\n\"Y\"=-\n@=-\n[-HKLM\\nothing\\d]\n");
  EXPECT_EQ(KeyOf(read, u"HKEY_LOCAL_MACHINE").subkeys.size(), 1u);
  EXPECT_EQ(KeyOf(read, u"HKEY_LOCAL_MACHINE\\a").values.size(), 2u);
  EXPECT_EQ(KeyOf(read, u"HKEY_LOCAL_MACHINE\\a").value(u"x")->number(), 2u);
  ASSERT_EQ(read.findings.size(), 4u);
  for (const Finding& finding : read.findings) EXPECT_EQ(finding.severity, Severity::kInfo);
  EXPECT_EQ(read.findings[0].text, "line 8: a key to be removed");
  EXPECT_EQ(read.findings[1].text, "line 12: a value to be removed");
}

TEST(RegistryExport, BlanksAndComments) {
  const OneLine one = ReadLine(
      " \"a\" = \"1\" ; c\n\t; [x\n\"b\"=dword:2;c\n\"c\"=hex:1, 2 ,\\ \n;c\n\n\"d\"=hex:01,;\n"
      "\"e\"=hex:01\\\n,02");
  EXPECT_EQ(one.values.size(), 4u);
  // The comma of its own is none.
  EXPECT_EQ(one.said, "line 12: bytes that are not of two hexadecimal digits; ");
}

TEST(RegistryExport, MalformedLinesAreLeftOut) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"x", "neither a key nor a value"},
      {"\"a\"", "without '='"},
      {"\"a\"x=1", "without '='"},
      {"\"a\"=", "no known form"},
      {"\"a\"=1", "no known form"},
      {"\"a\"=hex", "no known form"},
      {"\"a\"=hex(2)41", "no known form"},
      {"\"a\"=dword:", "1 to 8"},
      {"\"a\"=dword:100000000", "1 to 8"},
      {"\"a\"=dword:0x1", "behind a value"},
      {"\"a\"=dword:1g", "behind a value"},
      {"\"a\"=hex(100000000):00", "type that is not"},
      {"\"a\"=hex():00", "type that is not"},
      {"\"a\"=hex(g):00", "type that is not"},
      {"\"a\"=hex(2:00", "type that is not"},
      {"\"a\"=hex:gg", "two hexadecimal digits"},
      {"\"a\"=hex:001", "two hexadecimal digits"},
      {"\"a\"=hex:01,,02", "two hexadecimal digits"},
      {"\"a\"=hex:01 02", "without a comma"},
      {"\"a\"=hex:01,\\ 02", "behind the backslash"},
      {"\"a\"=hex:01,\\", "break off"},
      {"\"a\"=\"C:\\x\"", "a backslash before"},
      {"\"a\"=\"x\\", "a backslash before"},
      {"\"a\"=\"x\"y", "behind a value"},
      {"\"a\"=--", "behind a value"},
      {std::string("\"a\"=\"\0\"", 7), "a NUL"},
      {"\"" + std::string(16'384, 'n') + "\"=\"\"", "16,383"},
  };
  for (const auto& [line, why] : wrong) {
    const OneLine one = ReadLine(line);
    EXPECT_TRUE(one.values.empty()) << line;
    EXPECT_TRUE(one.said.starts_with("line 4: ")) << one.said;
    EXPECT_NE(one.said.find(why), std::string::npos) << line << ": " << one.said;
  }
  EXPECT_EQ(ReadLine("\"" + std::string(16'383, 'n') + "\"=\"\"").said, "");
}

TEST(RegistryExport, MalformedKeysAreLeftOutWithTheirValues) {
  const std::string deep = "HKLM" + std::string(1022, '\\');
  for (const std::string& key :
       {std::string("[HKLM\\a"), std::string("[]"), std::string("[\\a]"),
        std::string("[HKLM\\\\a]"), std::string("[SYSTEM\\a]"), std::string("[HKLM\\a]b"),
        std::string("["), std::string("[-]"), "[HKLM\\" + std::string(256, 'n') + "]"}) {
    const RegistryExport read = ReadExport(kHead5 + "[HKLM\\k]\n" + key + "\n\"v\"=\"\"\n");
    ASSERT_EQ(read.findings.size(), 1u) << key;
    EXPECT_EQ(read.findings[0].severity, Severity::kReject);
    EXPECT_EQ(read.findings[0].offset, kHead5.size() + 9);
    EXPECT_TRUE(KeyOf(read, u"HKEY_LOCAL_MACHINE\\k").values.empty());
    EXPECT_TRUE(KeyOf(read, u"HKEY_LOCAL_MACHINE\\k").subkeys.empty());
  }
  const std::string brackets = "[HKLM\\a]b[c]] ; d\n";
  EXPECT_EQ(KeyOf(ReadExport(kHead5 + brackets), u"HKEY_LOCAL_MACHINE\\a]b[c]").name, u"a]b[c]");
  EXPECT_EQ(ReadExport(kHead5 + "\"v\"=\"\"\n").findings.at(0).text,
            "line 3: a value before any key");
}

TEST(RegistryExport, ATextWithoutItsQuoteTakesNothingElseAlong) {
  const RegistryExport read =
      ReadExport(kHead5 + "[HKLM\\a]\n\"x\"=\"open\n[HKU]\n\"y\"=\"\"\n\"z\"=\"to the end\n@=\n");
  EXPECT_EQ(ValueAt(read, u"HKEY_USERS", u"y"), std::string("1:\0\0", 4));
  EXPECT_TRUE(KeyOf(read, u"HKEY_LOCAL_MACHINE\\a").values.empty());
  ASSERT_EQ(read.findings.size(), 3u);
  EXPECT_EQ(read.findings[0].text, "line 4: something behind a value");
  EXPECT_EQ(read.findings[1].text, "line 7: a text without a closing quote");
  EXPECT_EQ(read.findings[2].text, "line 8: data of no known form");
}

TEST(RegistryExport, BytesThatBreakOffTakeNothingElseAlong) {
  const OneLine one = ReadLine("\"a\"=hex:01,\\\n\"b\"=dword:2");
  ASSERT_EQ(one.values.size(), 1u);
  EXPECT_EQ(one.values[0].name, u"b");
}

TEST(RegistryExport, WhatIsNoExport) {
  const std::string head16 = test::InUtf16(kHead5);
  std::string swapped = head16;
  for (size_t i = 0; i + 1 < swapped.size(); i += 2) std::swap(swapped[i], swapped[i + 1]);
  for (const std::string& text :
       {std::string(), std::string("\xff\xfe"), std::string("regf"), std::string("REGEDIT\n"),
        std::string("REGEDIT5\n"), std::string("\nREGEDIT4\n"), swapped,
        std::string("Windows Registry Editor Version 6.00\n")}) {
    const RegistryExport read = ReadExport(text);
    EXPECT_EQ(read.version, 0u) << text;
    ASSERT_EQ(read.findings.size(), 1u) << text;
    EXPECT_EQ(read.findings[0].severity, Severity::kReject);
    EXPECT_TRUE(read.root.subkeys.empty());
  }
  EXPECT_EQ(ReadExport(swapped).findings[0].text, "big-endian text");
}

TEST(RegistryExport, Limits) {
  EXPECT_EQ(ReadExport(kSample, {.bytes = kSample.size() - 1}).version, 0u);
  EXPECT_EQ(ReadExport(kSample, {.bytes = kSample.size()}).version, 5u);
  // 4 keys and 7 values.
  ExpectSample(ReadExport(kSample, {.items = 11}));
  for (size_t items = 0; items < 11; ++items) {
    const RegistryExport cut = ReadExport(kSample, {.items = items});
    ASSERT_EQ(cut.findings.size(), 1u);
    EXPECT_NE(cut.findings[0].text.find(" keys and values"), std::string::npos);
  }
  const auto nested = [](size_t levels) {
    std::string path = "HKLM";
    for (size_t i = 1; i < levels; ++i) path += "\\k";
    return ReadExport(kHead5 + "[" + path + "]\n").findings.size();
  };
  EXPECT_EQ(nested(512), 0u);
  EXPECT_EQ(nested(513), 1u);
  EXPECT_EQ(nested(500'000), 1u);
}

TEST(RegistryExport, LoneSurrogatesStay) {
  const std::string text = kHead5 + "[HKLM\\\xed\xa0\x80]\n\"\xed\xb0\x80\"=\"\xed\xa0\x80\"\n";
  for (const std::string& encoded : {text, test::InUtf16(text)}) {
    const RegistryExport read = ReadExport(encoded);
    EXPECT_TRUE(read.findings.empty());
    const std::u16string path = std::u16string(u"HKEY_LOCAL_MACHINE\\") + char16_t{0xD800};
    EXPECT_EQ(ValueAt(read, path, std::u16string(1, 0xDC00)), std::string("1:\x00\xd8\0\0", 6));
  }
}

TEST(RegistryExport, LongLinesAndManySiblings) {
  std::string bytes = "\"long\"=hex:00";
  for (int i = 0; i < 1'000'000; ++i) bytes += ",41";
  EXPECT_EQ(ReadLine(bytes).values.at(0).data.size(), 1'000'001u);
  const std::string name(1'000'000, 'x');
  EXPECT_EQ(ReadLine("\"t\"=\"" + name + "\"").values.at(0).data.size(), 2'000'002u);
  EXPECT_TRUE(ReadLine("\"" + name + "\"=\"\"").values.empty());
  // In descending order.
  std::string text = kHead5 + "[HKLM]\n";
  for (int i = 999'999; i > 900'000; --i) text += "\"" + std::to_string(i) + "\"=\"\"\n";
  for (int i = 999'999; i > 900'000; --i) text += "[HKLM\\" + std::to_string(i) + "]\n";
  const RegistryExport read = ReadExport(text);
  EXPECT_EQ(KeyOf(read, u"HKEY_LOCAL_MACHINE").values.size(), 99'999u);
  EXPECT_EQ(KeyOf(read, u"HKEY_LOCAL_MACHINE").subkeys.size(), 99'999u);
  EXPECT_EQ(KeyOf(read, u"HKEY_LOCAL_MACHINE\\900001").name, u"900001");
  // Texts that never close are not read to the end again and again.
  std::string open = kHead5 + "[HKLM]\n";
  for (int i = 0; i < 200'000; ++i) open += "@=\"\\\n";
  EXPECT_EQ(ReadExport(open).findings.size(), 1000u);
}

// Whatever is read keeps the order of keys and comes back from an export of it.
void ExpectReadAgain(const std::string& text, const std::string& what) {
  const RegistryExport read = ReadExport(text);
  for (const Finding& finding : read.findings) EXPECT_LE(finding.offset, text.size()) << what;
  const RegistryExport again = ReadExport(test::ExportText(read.root));
  EXPECT_TRUE(again.findings.empty()) << what << ": " << again.findings.front().text;
  EXPECT_EQ(again.root, read.root) << what;
}

TEST(RegistryExport, EveryCutAndFlip) {
  const std::string latin = kHead4 + kSample.substr(kHead5.size());
  for (const std::string& text : {kSample, test::InUtf16(kSample), latin, test::InUtf16(latin)}) {
    for (size_t at = 0; at < text.size(); at += test::Thinned(1)) {
      ExpectReadAgain(text.substr(0, at), "cut at " + std::to_string(at));
      for (int bit = 0; bit < 8; ++bit) {
        std::string flipped = text;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
        ExpectReadAgain(flipped, "flip at " + std::to_string(at));
      }
    }
  }
}

}  // namespace
}  // namespace tapir
