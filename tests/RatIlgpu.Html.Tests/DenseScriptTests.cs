namespace RatIlgpu.Html.Tests;

public sealed class DenseScriptTests
{
    [Theory]
    [InlineData("if (a && b) {", "if(a&&b){")]
    [InlineData("const { a, b } = c ?? [];", "const{a,b}=c??[];")]
    [InlineData("return x < 0 ? -1 : y - -z;", "return x<0?-1:y- -z;")]
    [InlineData("a = b++ + +c;", "a=b++ + +c;")]
    [InlineData("const f = async (x) => await x;", "const f=async(x)=>await x;")]
    [InlineData("x = 1 .toFixed();", "x=1 .toFixed();")]
    [InlineData("if (a < !b || c-- > d || e < /f/) {", "if(a< !b||c-- >d||e< /f/){")]
    public void Blanks_are_kept_only_where_they_hold_words_or_signs_apart(string line, string dense) =>
        Assert.Equal(dense, DenseScript.Of(line));

    [Theory]
    [InlineData("make('a , b', { b: 1 });", "make('a , b',{b:1});")]
    [InlineData("x = 'it\\'s // so' + \"a  b\";", "x='it\\'s // so'+\"a  b\";")]
    [InlineData("const t = `a , ${ { b: `c } , d` } } , e` + f;", "const t=`a , ${ { b: `c } , d` } } , e`+f;")]
    public void Texts_and_templates_stay_as_they_are(string line, string dense) =>
        Assert.Equal(dense, DenseScript.Of(line));

    [Theory]
    [InlineData("return / a [/ ] b/u.test(c);", "return/ a [/ ] b/u.test(c);")]
    [InlineData(
        "const c = text.replace(/^[\\t\\r]|' \\/ \"/g, ' ');", "const c=text.replace(/^[\\t\\r]|' \\/ \"/g,' ');")]
    [InlineData("a = b / 2 + c[0] / (d) / 3 - `e` / f;", "a=b/2+c[0]/(d)/3-`e`/f;")]
    [InlineData("if (/ a/ in b) c();", "if(/ a/ in b)c();")]
    public void Patterns_are_told_from_quotients(string line, string dense) =>
        Assert.Equal(dense, DenseScript.Of(line));

    [Theory]
    [InlineData("x = y / 2; // half", "x=y/2;")]
    [InlineData("const f = (/** @type {any} */ a, /* second */ b) => a;", "const f=(a,b)=>a;")]
    [InlineData("return /* all */ a;", "return a;")]
    [InlineData("const address = 'a//b'; // 'c'", "const address='a//b';")]
    public void Comments_are_left_out(string line, string dense) => Assert.Equal(dense, DenseScript.Of(line));

    [Fact]
    public void A_line_before_a_closing_brace_loses_its_end_sign() => Assert.Equal(
        "for(;;){\na(';'\n);b(`;`)\n}\nc={\nd:';'\n};\n",
        DenseScript.Of("for (;;) {\n  a(';'\n  ); b(`;`);\n}\nc = {\n  d: ';',\n};\n"));

    [Fact]
    public void Each_line_of_code_stays_a_line() =>
        Assert.Equal("a()\n{\nb;c\n}\n", DenseScript.Of("a()\n  {\n\n  b ; c  \n}\n"));
}
