using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

public sealed class ByteAlphabetTests
{
    [Theory]
    [InlineData(0, 'Ā')]
    [InlineData('\n', 'Ċ')]
    [InlineData(' ', 'Ġ')]
    [InlineData('!', '!')]
    [InlineData('~', '~')]
    [InlineData(0x7F, 'ġ')]
    [InlineData(0xA0, 'ł')]
    [InlineData(0xA1, '¡')]
    [InlineData(0xAD, 'Ń')]
    [InlineData(0xFF, 'ÿ')]
    public void Spells_a_byte(int value, char spelling) => Assert.Equal(spelling, ByteAlphabet.Spell((byte)value));

    [Fact]
    public void Reads_every_byte_it_spells()
    {
        var bytes = Enumerable.Range(0, 256).Select(value => (byte)value).ToArray();

        Assert.Equal(bytes, ByteAlphabet.Read(string.Concat(bytes.Select(ByteAlphabet.Spell))));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("\u00AD")]
    [InlineData("\u0144")]
    [InlineData("日")]
    public void Reads_nothing_where_a_character_spells_no_byte(string spelled) =>
        Assert.Null(ByteAlphabet.Read(spelled));
}
