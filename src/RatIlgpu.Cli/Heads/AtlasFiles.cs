using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Heads;

/// <summary>The files of an atlas in the folder of <c>--output</c>: all are made before the first is written.</summary>
sealed class AtlasFiles
{
    /// <summary>The names of the files.</summary>
    public static readonly ImmutableArray<string> Names = ["atlas.json", "atlas.csv", "atlas.parquet"];

    readonly string path;
    OutputFolder? folder;

    AtlasFiles(string path) => this.path = path;

    /// <summary>Reads the options.</summary>
    public static AtlasFiles Read(ParseResult parsed, CliOptions options) => new(parsed.Get(options.Output)!);

    /// <summary>Tells whether a file of this name in the folder is written by the command.</summary>
    public static bool IsOwn(string name) => Names.Contains(name);

    /// <summary>Checks, before anything is computed, that the files can be written.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public void Try() => folder = OutputFolder.For(path, Names.AsSpan());

    /// <summary>Writes the files, and says where.</summary>
    /// <param name="atlas">The atlas.</param>
    /// <param name="origin">What made it.</param>
    /// <param name="json">Where <c>--json</c> writes.</param>
    public void Write(HeadAtlas atlas, TraceOrigin origin, JsonOutput json)
    {
        var rows = AtlasTable.Rows(atlas);
        byte[][] contents =
        [
            Bytes(stream => HeadAtlasJson.Write(atlas, stream, origin)),
            Bytes(stream => AtlasTable.WriteCsv(rows, stream)),
            Bytes(stream => AtlasTable.WriteParquet(rows, atlas, stream)),
        ];
        json.Report.WriteLine();
        foreach (var (name, content) in Names.Zip(contents))
            json.Report.WriteLine(
                $"Wrote {OneLine.Escape(folder!.Write(name, stream => stream.Write(content)))}");
        json.Write(stream => stream.Write(contents[0]));
    }

    static byte[] Bytes(Action<Stream> write)
    {
        using var bytes = new MemoryStream();
        write(bytes);
        return bytes.ToArray();
    }
}
