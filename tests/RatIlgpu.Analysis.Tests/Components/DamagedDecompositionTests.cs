using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Components;

/// <summary>Files of components whose header is written by hand, and whose numbers are zeros but for the
/// first.</summary>
public sealed class DamagedDecompositionTests : IDisposable
{
    const string Module = "model.layers.1.self_attn.";

    readonly CpuDevice device = new();
    readonly TemporaryFolder folder = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;

    public DamagedDecompositionTests() => model = tiny.On(device);

    [Theory]
    [InlineData(
        "U 48,0", "'q_proj.U' is [48, 0], expected one or more components of one or more numbers; export it again.")]
    [InlineData("U 48", "'q_proj.U' is [48], expected two axes, one of them the components.")]
    [InlineData("V 40,2", "'q_proj.V' is [40, 2], expected [40, 3]: 3 components of 40 inputs; it is a decomposition "
        + "of another model, or its metadata does not say its layout.")]
    [InlineData("mean_ci 2", "'q_proj.mean_ci' is [2], expected [3].")]
    [InlineData("U 48,3 I32", "'q_proj.U' is I32, expected F32, F16, BF16 or F64.")]
    [InlineData("U 48,7000000 F16", "'q_proj.U' has 7000000 components, expected at most 5592405 of 48 outputs; leave "
        + "those out that are never active.")]
    public void A_shape_or_a_format_that_cannot_be_read_is_refused(string tensor, string message)
    {
        var parts = tensor.Split(' ');
        var tensors = Whole().ToDictionary(one => one.Name);
        tensors[parts[0]] = new(parts[0], parts[1], parts.Length > 2 ? parts[2] : "F64", 0);
        Refused(Write([.. tensors.Values]), message);
    }

    [Theory]
    [InlineData("U", double.PositiveInfinity, "'q_proj.U' has Infinity at [0, 0]")]
    [InlineData("V", double.NegativeInfinity, "'q_proj.V' has -Infinity at [0, 0]")]
    [InlineData("mean_ci", double.NaN, "'q_proj.mean_ci' has NaN at [0]")]
    public void A_number_that_is_not_finite_is_refused_where_it_stands(string name, double number, string message) =>
        Refused(
            Write([.. Whole().Where(one => one.Name != name), new(name, ShapeOf(name), "F64", number)]),
            message + ", expected finite numbers; export it again, in F32 if a smaller format had no room for it.");

    [Fact]
    public void Numbers_whose_squares_overflow_are_refused()
    {
        Refused(
            Write([new("U", "48,3", "F64", 3e38), new("V", "40,3", "F64", 3e38)]),
            "'q_proj.U' has 3E+38 at [0, 0], expected at most 1E+19, whose square float32 holds: numbers of the size "
            + "of weights; export it again.");
        var message = Assert.Throws<InvalidDataException>(() => Decomposition.Load(
            model, 1, Write([new("U", "48,3", "F64", 1e19), new("V", "40,3", "F64", 1e19)]))).Message;
        Assert.Matches(
            @"component 0 of '.*q_proj', U times V, is so large that the square of its norm is \d\.\de\+7\d, "
            + @"expected at most 3\.4e\+38, the largest number of float32: numbers of the size of weights; ", message);
    }

    [Fact]
    public void What_a_file_has_of_the_layer_and_what_is_missing_are_said() => Refused(
        Write([new("U", "48,3", "F64", 1), new("V", "40,3", "F64", 1)]),
        "has no 'k_proj.U': of layer 1 it has q_proj, expected q_proj and k_proj at least, each with U and V; export "
        + "the missing ones too.");

    [Theory]
    [InlineData("firing_density", 1.5, "'q_proj.firing_density' has 1.5 at [0], expected shares in [0, 1].")]
    [InlineData("sign", -0.5, "'q_proj.sign' has -0.5 at [0], expected signs, 1 or -1.")]
    public void Numbers_of_components_out_of_range_are_refused(string name, double number, string message) =>
        Refused(Write([.. Whole(), new(name, "3", "F64", number)]), message);

    [Theory]
    [InlineData("[\"a\",\"b\"]", "has 2 names in q_proj.labels of its metadata, expected 3, one for each component.")]
    [InlineData("[1,2,3]", "has q_proj.labels '[1,2,3]' in its metadata, expected a JSON list of texts.")]
    [InlineData("[\"a", "has q_proj.labels '[\"a' in its metadata, expected a JSON list of texts.")]
    [InlineData("[\"\\ud800\",\"b\",\"c\"]",
        "has q_proj.labels '[\"\\ud800\",\"b\",\"c\"]' in its metadata, expected a JSON list of texts.")]
    public void Names_that_are_no_list_of_one_for_each_component_are_refused(string labels, string message) =>
        Refused(Write([.. Whole()], labels), message);

    [Fact]
    public void A_name_that_is_given_twice_is_refused() => Refused(
        Write([.. Whole(), new("V", "40,3", "F64", 0)]), "the header names 'q_proj.V' twice.");

    [Fact]
    public void A_file_with_nothing_of_components_says_how_they_are_named()
    {
        var path = Write([new("weight", "48,40", "F64", 0)]);
        Assert.Equal(
            $"{path}: has no '{Module}q_proj.U': expected the components of layer 1. It has no tensor named like "
            + "model.layers.0.self_attn.q_proj.U, the output vectors of components.",
            Assert.Throws<InvalidDataException>(() => Decomposition.Load(model, 1, path)).Message);
    }

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        folder.Dispose();
        device.Dispose();
    }

    static IEnumerable<Entry> Whole() =>
        new[] { "U", "V", "mean_ci" }.Select(name => new Entry(name, ShapeOf(name), "F64", 0));

    static string ShapeOf(string name) => name switch
    {
        "U" => "48,3",
        "V" => "40,3",
        _ => "3",
    };

    void Refused(string path, string message)
    {
        var found = Assert.Throws<InvalidDataException>(() => Decomposition.Load(model, 1, path)).Message;
        Assert.Equal($"{path}: {message}", found.Replace(Module, "", StringComparison.Ordinal));
        Assert.DoesNotContain('\n', found);
    }

    // The queries of layer 1; what lies beyond the first number of a tensor is a hole in the file.
    string Write(IReadOnlyList<Entry> entries, string? labels = null)
    {
        var (header, end) = (new List<string>(), 0L);
        if (labels is not null)
            header.Add($$$"""
                "__metadata__":{"{{{Module}}}q_proj.labels":{{{JsonSerializer.Serialize(labels)}}}}
                """);
        foreach (var entry in entries)
        {
            var size = entry.Shape.Split(',').Aggregate(1L, (product, axis) => product * long.Parse(axis, null))
                * (entry.Format == "F64" ? 8 : entry.Format == "F16" ? 2 : 4);
            header.Add($$"""
                "{{Module}}q_proj.{{entry.Name}}":
                {"dtype":"{{entry.Format}}","shape":[{{entry.Shape}}],"data_offsets":[{{end}},{{end + size}}]}
                """);
            end += size;
        }

        var json = Encoding.UTF8.GetBytes("{" + string.Join(',', header) + "}");
        var path = folder.Path("components.safetensors");
        using var file = File.Create(path);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, json.Length);
        file.Write(number);
        file.Write(json);
        var start = file.Position;
        file.SetLength(start + end);
        foreach (var entry in entries.Where(entry => entry.First != 0))
        {
            file.Position = start + entries.TakeWhile(one => one != entry).Sum(one =>
                8 * one.Shape.Split(',').Aggregate(1L, (product, axis) => product * long.Parse(axis, null)));
            BinaryPrimitives.WriteDoubleLittleEndian(number, entry.First);
            file.Write(number);
        }

        return path;
    }

    /// <summary>A tensor of the query matrix.</summary>
    sealed record Entry(string Name, string Shape, string Format, double First);
}
