using System.Buffers.Binary;
using System.Text.Json;
using RatIlgpu.Models;
using RatIlgpu.Weights;

namespace RatIlgpu.Testing;

/// <summary>A Qwen2 checkpoint of any size without numbers: a header, and behind it a hole that takes no room on a
/// disk.</summary>
public sealed class HollowQwen2 : IDisposable
{
    const int BytesOfNumber = 2;

    readonly TemporaryFolder folder = new();
    readonly Checkpoint checkpoint;

    /// <summary>Makes a checkpoint.</summary>
    public HollowQwen2(Qwen2Config config)
    {
        Config = config;
        using (var file = File.Create(folder.Path("model.safetensors")))
        {
            var header = Header(config, out var end);
            file.Write(header);
            file.SetLength(header.Length + end);
        }

        checkpoint = Checkpoint.Open(folder.Root);
    }

    /// <summary>Gets the sizes of Qwen2 0.5B.</summary>
    public static Qwen2Config HalfBillion { get; } = new()
    {
        HiddenSize = 896,
        IntermediateSize = 4864,
        LayerCount = 24,
        HeadCount = 14,
        KeyValueHeadCount = 2,
        HeadSize = 64,
        VocabularySize = 151_936,
        RmsNormEpsilon = 1e-6f,
        RopeTheta = 1_000_000,
        TiesEmbeddings = true,
        MaxPositions = 32_768,
    };

    /// <summary>Gets the sizes.</summary>
    public Qwen2Config Config { get; }

    /// <summary>Puts the model on a device.</summary>
    public Qwen2Model On(Device device) => new(Config, checkpoint, device);

    /// <summary>Deletes the checkpoint.</summary>
    public void Dispose()
    {
        checkpoint.Dispose();
        folder.Dispose();
    }

    static byte[] Header(Qwen2Config config, out long end)
    {
        var entries = new Dictionary<string, object>();
        end = 0;
        foreach (var (name, shape) in Qwen2Layout.Tensors(config))
        {
            var start = end;
            end += shape.Count * BytesOfNumber;
            int[] axes = [.. Enumerable.Range(0, shape.Rank).Select(axis => shape[axis])];
            entries.Add(name, new { dtype = "BF16", shape = axes, data_offsets = new[] { start, end } });
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(entries);
        var padded = (json.Length + sizeof(long) - 1) / sizeof(long) * sizeof(long);
        var header = new byte[sizeof(long) + padded];
        BinaryPrimitives.WriteInt64LittleEndian(header, padded);
        header.AsSpan(sizeof(long)).Fill((byte)' ');
        json.CopyTo(header.AsSpan(sizeof(long)));
        return header;
    }
}
