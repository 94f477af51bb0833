// Entity tags: the table of the RFC, lists, and what is no list.
import HTTPMessage
import Testing

@Suite("Entity tags")
struct EntityTagTests {
    static func equal(_ left: String, _ right: String, by comparison: EntityTag.Comparison) -> Bool {
        EntityTag.equal(left.utf8.span.octets, right.utf8.span.octets, by: comparison)
    }

    static func list(_ list: String, names tag: String, by comparison: EntityTag.Comparison = .weak) -> Bool {
        EntityTag.list(list.utf8.span.octets, names: tag.utf8.span.octets, by: comparison)
    }

    @Test(
        "the table of RFC 9110 section 8.8.3.2",
        arguments: [
            (#"W/"1""#, #"W/"1""#, false, true), (#"W/"1""#, #"W/"2""#, false, false),
            (#"W/"1""#, #""1""#, false, true), (#""1""#, #""1""#, true, true), (#""1""#, #""2""#, false, false),
            (#""""#, #""""#, true, true), (#""a""#, #""A""#, false, false), (#""1""#, #""12""#, false, false),
        ])
    func comparison(_ left: String, _ right: String, _ strong: Bool, _ weak: Bool) {
        for (first, second) in [(left, right), (right, left)] {
            #expect(Self.equal(first, second, by: .strong) == strong)
            #expect(Self.equal(first, second, by: .weak) == weak)
        }
    }

    @Test(arguments: [
        (#""1""#, true), (#"W/"1""#, true), (#""""#, true), (#"W/"""#, true), (#""a,b""#, true), (#""a\"#, false),
        (#""\""#, true), (#""a\"b""#, false), ("\"\u{e9}\"", true), ("\"a b\"", false), ("\"a\u{7f}\"", false),
        ("", false), ("\"", false), ("1", false), ("*", false), ("W", false), ("W/", false), ("W/1", false),
        (#"w/"1""#, false), (#"W "1""#, false), (#""1" "#, false), (#" "1""#, false), (#""1""2""#, false),
        ("'1'", false),
    ])
    func grammar(_ tag: String, _ isTag: Bool) {
        #expect(EntityTag.isValid(tag.utf8.span.octets) == isTag)
    }

    @Test(arguments: [
        #""1""#, #"W/"1""#, #""2", "1""#, #""1","2""#, #","2" ,, W/"1"  ,"#, #""a,b", "1""#, "*", "* ", "\"1\"\t",
    ])
    func named(_ list: String) {
        #expect(Self.list(list, names: #""1""#))
        #expect(Self.list(list, names: #"W/"1""#))
    }

    @Test(
        "what is no list names nothing, not even what stands in it",
        arguments: [
            "", ",", "1", "W/1", #""2""#, #""1"x"#, #""1" "2""#, #""1", x"#, #""1", *"#, #"*, "1""#, "**", #""1"#,
            #"x, "1""#,
            #""1";"2""#, #"'"1"'"#, #"w/"1""#, #"W/ "1""#, #""0,"1""#,
        ])
    func notNamed(_ list: String) {
        #expect(!Self.list(list, names: #""1""#))
    }

    @Test func strongListsHaveStrongTags() {
        #expect(Self.list(#"W/"1", "1""#, names: #""1""#, by: .strong))
        #expect(!Self.list(#"W/"1""#, names: #""1""#, by: .strong))
        #expect(!Self.list(#""1""#, names: #"W/"1""#, by: .strong))
        #expect(Self.list("*", names: #"W/"1""#, by: .strong))
    }

    @Test("without a tag, only the asterisk names it")
    func withoutTag() {
        for comparison in [EntityTag.Comparison.strong, .weak] {
            #expect(Self.list("*", names: "", by: comparison))
            for list in ["", ",", #""""#, #"W/"""#, #""1""#] { #expect(!Self.list(list, names: "", by: comparison)) }
        }
    }
}
