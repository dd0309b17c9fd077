using System.Collections.Immutable;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Analysis;

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
