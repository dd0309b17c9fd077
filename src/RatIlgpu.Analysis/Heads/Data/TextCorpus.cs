using System.Security.Cryptography;
using System.Text;

namespace RatIlgpu.Analysis;

/// <summary>The texts on which heads are looked at: the built-in ones, or those of files.</summary>
public sealed class TextCorpus
{
    /// <summary>The most bytes of a file that is one text.</summary>
    const int LargestFile = 1 << 28;

    // A list of files goes into other files by the first names alone.
    const int MostNamed = 8;

    // The documents of a built-in file lie between lines of this.
    const string Cut = "%%%%";

    static readonly Lazy<TextCorpus> Own = new(() => new(ReadBuiltIn()));

    readonly ImmutableArray<CorpusDocument> held = [];
    readonly ImmutableArray<string> files = [];
    readonly CorpusUnit unit;

    TextCorpus(ImmutableArray<CorpusDocument> held) => this.held = held;

    TextCorpus(ImmutableArray<string> files, CorpusUnit unit) => (this.files, this.unit) = (files, unit);

    /// <summary>Gets some sixty short texts that were written for this project: prose, dialogue, code, lists, tables,
    /// and several languages.</summary>
    public static TextCorpus BuiltIn => Own.Value;

    /// <summary>Gets where the texts are from, in a few words.</summary>
    internal string Origin => (this == BuiltIn, files) switch
    {
        (true, _) => "built-in texts",
        (_, []) => FormattableString.Invariant($"given texts ({held.Length})"),
        // The names alone: folders may tell of their owner.
        (_, { Length: <= MostNamed }) => string.Join(", ", files.Select(Path.GetFileName)),
        _ => string.Join(", ", files.Take(MostNamed).Select(Path.GetFileName))
            + FormattableString.Invariant($" and {files.Length - MostNamed} more"),
    };

    /// <summary>Gets what one text is, in a word.</summary>
    internal string UnitName => files.IsEmpty ? "text" : unit == CorpusUnit.File ? "file" : "line";

    /// <summary>Gets the number of texts; null of lines, which are not counted before they are read.</summary>
    internal int? Count => files.IsEmpty ? held.Length : unit == CorpusUnit.File ? files.Length : null;

    /// <summary>Gets the number of files.</summary>
    internal int FileCount => files.Length;

    /// <summary>Returns the texts of files; nothing is read yet.</summary>
    /// <param name="files">The files, UTF-8; at least one.</param>
    /// <param name="unit">What is one text. Of a file that ends in <c>.jsonl</c>, a line is an object with the text
    /// under the key <c>text</c>.</param>
    /// <exception cref="ArgumentException">There is no file.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The unit is not a member of its enumeration.</exception>
    public static TextCorpus OfFiles(IEnumerable<string> files, CorpusUnit unit = CorpusUnit.File)
    {
        if (!Enum.IsDefined(unit))
            throw new ArgumentOutOfRangeException(nameof(unit), $"{unit} is no unit of texts.");
        ImmutableArray<string> all = [.. files];
        return all.IsEmpty
            ? throw new ArgumentException("The corpus has no file, expected at least one.", nameof(files))
            : new(all, unit);
    }

    /// <summary>Returns texts that are at hand.</summary>
    /// <param name="texts">The texts; each has its number as name, such as <c>text 0</c>.</param>
    public static TextCorpus Of(params IEnumerable<string> texts) => new(
        [.. texts.Select((text, number) => new CorpusDocument(number, $"text {number}", text))]);

    /// <summary>Reads the texts of a shard one by one: those whose number has the given remainder. All shards together
    /// have each text once. Lines of other shards are passed over without being looked into.</summary>
    /// <param name="shard">The shard: from 0 to below their number.</param>
    /// <param name="shards">The number of shards; at least 1.</param>
    /// <returns>The texts, numbered over all files in their order; blank lines have no number.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such shard.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A file cannot be read, is empty, is not UTF-8, or has a text that is too
    /// large; or a line of a <c>.jsonl</c> file has no text.</exception>
    public IEnumerable<CorpusDocument> Documents(int shard = 0, int shards = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, shards);
        return files.IsEmpty ? held.Where(IsOfShard) : unit == CorpusUnit.File ? Files() : Lines();

        bool IsOfShard(CorpusDocument document) => document.Number % shards == shard;

        IEnumerable<CorpusDocument> Files() => files.Index()
            .Where(file => file.Index % shards == shard)
            .Select(file => new CorpusDocument(
                file.Index, file.Item, InputFile.Text(file.Item, LargestFile).TrimStart(CorpusLines.Mark)));

        IEnumerable<CorpusDocument> Lines()
        {
            var number = 0;
            foreach (var file in files)
                foreach (var line in CorpusLines.Read(file))
                    if (number++ % shards == shard)
                        yield return new(number - 1, line.Place, line.Text());
        }
    }

    /// <summary>Returns the SHA-256 of the texts as 64 hexadecimal digits: of the bytes of all files in their order, or
    /// of the UTF-8 of the texts that are at hand.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A file cannot be read or is empty.</exception>
    public string Hash()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var document in held)
            digest.AppendData(Encoding.UTF8.GetBytes(document.Text));
        var piece = new byte[1 << 16];
        foreach (var file in files)
        {
            using var stream = InputFile.Open(file);
            while (stream.Read(piece) is > 0 and var read)
                digest.AppendData(piece, 0, read);
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    // One document of each file in turn, so that the first ones already are of every kind.
    static ImmutableArray<CorpusDocument> ReadBuiltIn()
    {
        var assembly = typeof(TextCorpus).Assembly;
        var documents =
            from name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal)
            where name.StartsWith("corpus/", StringComparison.Ordinal)
            from part in Parts(name)
            orderby part.Index
            select (Name: FormattableString.Invariant($"built-in {name[7..]} {part.Index}"), Text: part.Item);
        return [.. documents.Select((one, number) => new CorpusDocument(number, one.Name, one.Text))];

        IEnumerable<(int Index, string Item)> Parts(string name)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
            return reader.ReadToEnd().Replace("\r\n", "\n", StringComparison.Ordinal).Split($"{Cut}\n").Index();
        }
    }
}

/// <summary>One text.</summary>
/// <param name="Number">The number of the text among all, from 0.</param>
/// <param name="Name">The place of the text: a file, or a file and a line.</param>
/// <param name="Text">The text.</param>
public sealed record CorpusDocument(int Number, string Name, string Text);

/// <summary>What of a file is one text.</summary>
public enum CorpusUnit
{
    /// <summary>The whole file.</summary>
    File,

    /// <summary>Each line that is not blank; the file may have any length.</summary>
    Line,
}
