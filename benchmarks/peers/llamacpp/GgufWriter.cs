using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Peers;

/// <summary>Writes a Qwen2 checkpoint as GGUF, without a vocabulary. Vectors stay F32, as llama.cpp wants
/// them.</summary>
sealed class GgufWriter : IDisposable
{
    const uint Version = 3;
    const uint TypeOfText = 8;
    const uint TypeOfUInt32 = 4;
    const uint TypeOfFloat32 = 6;
    const int Alignment = 32;
    const int Piece = 1 << 20;

    static readonly Dictionary<string, string> Parts = new()
    {
        ["model.embed_tokens"] = "token_embd",
        ["model.norm"] = "output_norm",
        ["lm_head"] = "output",
        ["input_layernorm"] = "attn_norm",
        ["post_attention_layernorm"] = "ffn_norm",
        ["self_attn.q_proj"] = "attn_q",
        ["self_attn.k_proj"] = "attn_k",
        ["self_attn.v_proj"] = "attn_v",
        ["self_attn.o_proj"] = "attn_output",
        ["mlp.gate_proj"] = "ffn_gate",
        ["mlp.up_proj"] = "ffn_up",
        ["mlp.down_proj"] = "ffn_down",
    };

    readonly DataType type;
    readonly BinaryWriter output;

    GgufWriter(string path, DataType type) => (this.type, output) = (type, new(File.Create(path)));

    /// <summary>Writes a checkpoint; a file is there only when it is whole.</summary>
    /// <param name="folder">The folder of the checkpoint.</param>
    /// <param name="type">The type of the matrices: F32, F16 or BF16.</param>
    /// <param name="path">The file.</param>
    public static void Write(string folder, DataType type, string path)
    {
        var config = Qwen2Config.Read(folder);
        if (config is not { NormsHeads: false, HasBiases: true, RopeScaling: null, SlidingWindow: null })
            throw new InvalidDataException($"{folder} is no Qwen2 without windows, expected one.");
        using var checkpoint = Checkpoint.Open(folder);
        var part = path + ".part";
        using (var writer = new GgufWriter(part, type))
        {
            (string Name, Shape Shape)[] tensors = [.. Qwen2Layout.Tensors(config)];
            writer.WriteHead(config, tensors.Length);
            writer.WriteDirectory(tensors);
            foreach (var (name, shape) in tensors)
                writer.WriteNumbers(checkpoint.Tensor(name, shape));
        }

        File.Move(part, path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose() => output.Dispose();

    void WriteHead(Qwen2Config config, int tensors)
    {
        (string Key, object Value)[] pairs =
        [
            ("general.architecture", "qwen2"),
            ("general.name", "checkpoint"),
            ("general.alignment", (uint)Alignment),
            ("qwen2.context_length", (uint)config.MaxPositions),
            ("qwen2.embedding_length", (uint)config.HiddenSize),
            ("qwen2.block_count", (uint)config.LayerCount),
            ("qwen2.feed_forward_length", (uint)config.IntermediateSize),
            ("qwen2.attention.head_count", (uint)config.HeadCount),
            ("qwen2.attention.head_count_kv", (uint)config.KeyValueHeadCount),
            ("qwen2.attention.layer_norm_rms_epsilon", config.RmsNormEpsilon),
            ("qwen2.rope.freq_base", (float)config.RopeTheta),
            ("qwen2.vocab_size", (uint)config.VocabularySize),
            ("tokenizer.ggml.model", "no_vocab"),
        ];
        output.Write("GGUF"u8);
        output.Write(Version);
        output.Write((ulong)tensors);
        output.Write((ulong)pairs.Length);
        foreach (var (key, value) in pairs)
        {
            WriteText(key);
            WriteValue(value);
        }
    }

    void WriteValue(object value)
    {
        switch (value)
        {
            case string text:
                output.Write(TypeOfText);
                WriteText(text);
                break;
            case uint number:
                output.Write(TypeOfUInt32);
                output.Write(number);
                break;
            case float number:
                output.Write(TypeOfFloat32);
                output.Write(number);
                break;
        }
    }

    void WriteDirectory((string Name, Shape Shape)[] tensors)
    {
        var offset = 0L;
        foreach (var (name, shape) in tensors)
        {
            WriteText(NameOf(name));
            output.Write((uint)shape.Rank);
            for (var axis = shape.Rank - 1; axis >= 0; axis--)
                output.Write((ulong)shape[axis]);
            output.Write(Code(TypeOf(shape)));
            output.Write((ulong)offset);
            offset += Padded(shape.Count * TypeOf(shape).Size());
        }

        Pad();
    }

    void WriteNumbers(HostTensor tensor)
    {
        var type = TypeOf(tensor.Shape);
        for (var start = 0L; start < tensor.Shape.Count; start += Piece)
        {
            var length = (int)long.Min(Piece, tensor.Shape.Count - start);
            if (type == tensor.DataType)
                output.Write(tensor.AsSpan<byte>(start * type.Size(), length * type.Size()));
            else
                WriteConverted(Widened(tensor, start, length), type);
        }

        Pad();
    }

    void WriteConverted(float[] numbers, DataType type)
    {
        if (type == DataType.F32)
        {
            output.Write(MemoryMarshal.AsBytes(numbers.AsSpan()));
        }
        else if (type == DataType.F16)
        {
            var halves = new Half[numbers.Length];
            TensorPrimitives.ConvertToHalf(numbers, halves);
            output.Write(MemoryMarshal.AsBytes(halves.AsSpan()));
        }
        else
        {
            // To the nearest, ties to even.
            foreach (var number in numbers)
            {
                var bits = BitConverter.SingleToUInt32Bits(number);
                output.Write((ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
            }
        }
    }

    static float[] Widened(HostTensor tensor, long start, int length)
    {
        var numbers = new float[length];
        switch (tensor.DataType)
        {
            case DataType.F32:
                tensor.AsSpan<float>(start, length).CopyTo(numbers);
                break;
            case DataType.F16:
                TensorPrimitives.ConvertToSingle(tensor.AsSpan<Half>(start, length), numbers);
                break;
            case DataType.BF16:
                var stored = tensor.AsSpan<ushort>(start, length);
                for (var index = 0; index < length; index++)
                    numbers[index] = BitConverter.UInt32BitsToSingle((uint)stored[index] << 16);
                break;
            default:
                throw new InvalidDataException($"The weights are {tensor.DataType}, expected F32, F16 or BF16.");
        }

        return numbers;
    }

    void WriteText(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        output.Write((ulong)bytes.Length);
        output.Write(bytes);
    }

    void Pad() => output.Write(new byte[Padded(output.BaseStream.Position) - output.BaseStream.Position]);

    DataType TypeOf(Shape shape) => shape.Rank > 1 ? type : DataType.F32;

    static uint Code(DataType type) => type switch { DataType.F32 => 0, DataType.F16 => 1, _ => 30 };

    static long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;

    // Such as blk.3.attn_q.bias of model.layers.3.self_attn.q_proj.bias.
    static string NameOf(string name)
    {
        const string layers = "model.layers.";
        var end = name.LastIndexOf('.');
        if (!name.StartsWith(layers, StringComparison.Ordinal))
            return Parts[name[..end]] + name[end..];
        var number = name[layers.Length..name.IndexOf('.', layers.Length)];
        return $"blk.{number}.{Parts[name[(layers.Length + number.Length + 1)..end]]}{name[end..]}";
    }
}
