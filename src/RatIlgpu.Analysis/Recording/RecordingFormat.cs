using RatIlgpu.Weights;

namespace RatIlgpu.Analysis;

/// <summary>The names of the tensors and the metadata in the safetensors file of a recording.</summary>
static class RecordingFormat
{
    /// <summary>The value of <see cref="Format"/>.</summary>
    public const string Name = "ratilgpu-recording";

    /// <summary>The values of <see cref="Version"/> that are written and read. Only a file of the second or third has
    /// <see cref="PromptLength"/>, and only one of the third has <see cref="AskedPositions"/>. A file is written as the
    /// first of them that serves, so that older programs can read it.</summary>
    public const string Number = "1", NumberWithPromptLength = "2", NumberWithAskedPositions = "3";

    /// <summary>The names of the metadata that describe the whole file.</summary>
    public const string Format = "format", Version = "version", Model = "model", Tokens = "tokens", Mask = "mask",
        PromptLength = "prompt_length", AskedPositions = "asked_positions", Interventions = "interventions";

    const string Layers = "layers.";

    static readonly ImmutableDictionary<string, Activation> ByName =
        Enum.GetValues<Activation>().ToImmutableDictionary(NameOf, StringComparer.Ordinal);

    /// <summary>Returns the name of a tensor, such as <c>layers.3.head_output</c> or <c>logits</c>.</summary>
    public static string NameOf(Site site) => site.IsInLayer
        ? string.Create(CultureInfo.InvariantCulture, $"{Layers}{site.Layer}.{NameOf(site.Activation)}")
        : NameOf(site.Activation);

    /// <summary>Returns the site that a tensor name stands for; null if the name stands for no site.</summary>
    public static Site? SiteOf(string name)
    {
        var (layer, activation) = (0, name);
        if (name.StartsWith(Layers, StringComparison.Ordinal) && name.LastIndexOf('.') is var dot
            && dot > Layers.Length
            && int.TryParse(name[Layers.Length..dot], NumberStyles.None, CultureInfo.InvariantCulture, out layer))
            activation = name[(dot + 1)..];

        // A site has one name only: a leading 0 before the layer is refused.
        return ByName.TryGetValue(activation, out var found) && NameOf(new Site(found, layer)) == name
            ? new Site(found, layer)
            : null;
    }

    /// <summary>Returns the name of the metadata that list the recorded positions of a tensor; without them, all
    /// positions were recorded.</summary>
    public static string PositionsOf(string tensor) => $"{tensor}.positions";

    /// <summary>Returns the name of the metadata that list the recorded heads of a tensor; without them, the heads
    /// count from 0.</summary>
    public static string HeadsOf(string tensor) => $"{tensor}.heads";

    /// <summary>Returns numbers as text, with a space between two.</summary>
    public static string Text(ImmutableArray<int> numbers) =>
        string.Join(' ', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    static string NameOf(Activation activation) => JsonNamingPolicy.SnakeCaseLower.ConvertName(activation.ToString());
}

/// <summary>Writes a recording to a file.</summary>
static class RecordingWriter
{
    /// <summary>Writes a recording.</summary>
    /// <inheritdoc cref="Recording.Save"/>
    public static void Write(Recording recording, string path)
    {
        var about = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [RecordingFormat.Format] = RecordingFormat.Name,
            [RecordingFormat.Version] = RecordingFormat.Number,
            [RecordingFormat.Model] = recording.Model.Text,
            [RecordingFormat.Tokens] = RecordingFormat.Text(recording.TokenIds),
        };
        if (recording.PromptLength != recording.TokenIds.Length)
        {
            about[RecordingFormat.Version] = RecordingFormat.NumberWithPromptLength;
            about[RecordingFormat.PromptLength] = RecordingFormat.Text([recording.PromptLength]);
        }

        if (!recording.AskedPositions.IsEmpty)
        {
            about[RecordingFormat.Version] = RecordingFormat.NumberWithAskedPositions;
            about[RecordingFormat.AskedPositions] = RecordingFormat.Text(recording.AskedPositions);
        }

        if (!recording.Interventions.IsEmpty)
            about[RecordingFormat.Interventions] = string.Join('\n', recording.Interventions.Items);
        if (recording.AttentionMask is { } mask)
            about[RecordingFormat.Mask] = RecordingFormat.Text(mask);
        var tensors = new List<SafetensorsTensor>();
        foreach (var one in recording.Sites.Select(site => recording[site]))
        {
            var name = RecordingFormat.NameOf(one.Site);
            if (!IsAll(one.Positions, recording.TokenIds.Length))
                about[RecordingFormat.PositionsOf(name)] = RecordingFormat.Text(one.Positions);
            if (!IsAll(one.Heads, one.Heads.Length))
                about[RecordingFormat.HeadsOf(name)] = RecordingFormat.Text(one.Heads);
            tensors.Add(SafetensorsTensor.Of(name, DataType.F32, one.Shape, one.Memory));
        }

        SafetensorsWriter.Write(path, tensors, about);
    }

    static bool IsAll(ImmutableArray<int> places, int count) => places.SequenceEqual(Enumerable.Range(0, count));
}
