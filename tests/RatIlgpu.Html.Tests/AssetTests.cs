using System.Reflection;

namespace RatIlgpu.Html.Tests;

public sealed class AssetTests
{
    static readonly Assembly Library = typeof(HtmlPage).Assembly;

    [Fact]
    public void Every_asset_may_stand_inside_a_page()
    {
        var names = Library.GetManifestResourceNames();
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.DoesNotContain('\r', Asset.Join(name)));
    }

    [Theory]
    [InlineData("a </SCRIPT> b")]
    [InlineData("a </style> b")]
    [InlineData("a <!-- b")]
    public void Says_what_would_leave_its_element(string text)
    {
        var error = Assert.Throws<ArgumentException>(() => Asset.Inlinable("x.js", text));
        Assert.StartsWith("x.js: contains '<", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_end_as_the_parser_will_end_them() =>
        Assert.Equal("a\nb\n", Asset.Inlinable("x.js", "a\r\nb\r\n"));

    [Fact]
    public void Says_which_asset_is_missing()
    {
        var error = Assert.Throws<ArgumentException>(() => Asset.Join("none.js"));
        Assert.Equal("none.js: no such asset in RatIlgpu.Html.", error.Message);
    }

    [Fact]
    public void A_policy_hash_is_the_hash_of_the_text() =>
        Assert.Equal("'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='", Asset.PolicyHash("abc"));

    [Fact]
    public void Nothing_is_split_over_lines_that_would_lose_its_indentation() => Assert.All(
        Library.GetManifestResourceNames(),
        name => Assert.All(Asset.Join(name).Split('\n'), line => Assert.Equal(0, line.Count(c => c == '`') % 2)));

    // A call takes some 125,000 arguments, and data may be more.
    [Fact]
    public void No_list_is_spread_into_the_arguments_of_a_minimum_or_a_maximum() => Assert.All(
        Library.GetManifestResourceNames(),
        name => Assert.DoesNotMatch(@"Math\.(min|max)\(([^()]|\(([^()]|\([^()]*\))*\))*\.\.\.", Asset.Join(name)));

    [Theory]
    [InlineData("keydown", "core.js")]
    [InlineData("hashchange", "core.js")]
    public void Pages_share_what_listens_to_keys_and_to_the_address(string kind, string file) => Assert.Equal(
        [file],
        Library.GetManifestResourceNames().Where(name => Asset.Join(name).Split('\n')
            .Any(line => line.StartsWith($"addEventListener('{kind}'", StringComparison.Ordinal))));

    [Fact]
    public void Styles_lose_blanks_and_keep_a_line_for_each_rule() => Assert.Equal(
        ".a,b > c{color:red;width:calc(1px + 2px)}\n@media (x:y){.d:hover .e{top:0}\n}\n",
        Asset.Dense(
            ".a, b > c { color: red; width: calc(1px + 2px); }\n@media (x: y) {\n  .d:hover .e { top: 0; }\n}\n"));

    [Fact]
    public void Comments_on_lines_of_their_own_and_types_and_indentation_are_left_out() => Assert.Equal(
        "const a = 1; // one\nconst b = (2);\n(b).c();\nconst d = '//';\nif (a) {\nb();\n}\n",
        Asset.WithoutComments("""
            // @ts-check
            const a = 1; // one
              /** Says. */
            const b = /** @type {any} */ (2);
            /**
             * Tells.
             */
            /** @type {any} */ (b).c();
            const d = '//';
            if (a) {
              b();
            }

            """));
}
