using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>Every branch is changed where its own patch says, with one upload and no download.</summary>
public sealed class BranchProbeTests
{
    [Fact]
    public void A_stream_has_the_branches_of_a_position_together() => Assert.Equal(
        // Positions 4 and 5 of 6, two branches.
        [0, 1, 30, 40, 10, 20, 6, 7],
        Show(
            new(4, 2), Activation.ResidualBefore,
            [[Put(5, 0, 10, 20)], [Put(4, 0, 30, 40)]]));

    [Fact]
    public void A_query_has_its_heads_within_a_branch() => Assert.Equal(
        [0, 1, 12, 23, 34, 45, 6, 7],
        Show(
            new(2, 2, 2), Activation.Query,
            [[Add(5, 1, 10, 20)], [Add(5, 0, 30, 40)]]));

    [Fact]
    public void A_key_of_each_head_has_the_branches_as_heads() => Assert.Equal(
        [0, 1, 2, 3, 4, 5, 10, 7],
        Show(new(2, 4, 1), Activation.HeadKey, [[], [Put(5, 0, 10)]]));

    [Fact]
    public void A_pattern_has_the_branches_outside_and_is_cut_to_the_keys_of_the_run() => Assert.Equal(
        // Heads of branches, two queries, three keys.
        [0, 1, 2, 9, 8, 7, 4, 5, 6, 9, 10, 11],
        Show(
            new(2, 2, 3), Activation.Pattern,
            [[Put(5, 0, 9, 8, 7, 6)], [Put(4, 0, 4, 5, 6, 7)]]));

    [Fact]
    public void A_single_key_of_a_pattern_is_changed_alone() => Assert.Equal(
        [0, 1, 2, 3, 40, 5, 60, 7, 8, 9, 10, 11],
        Show(
            new(2, 2, 3), Activation.Pattern,
            [[Put(5, 0, 40) with { Key = 1 }], [Put(4, 0, 60) with { Key = 0 }]]));

    [Fact]
    public void A_batch_uploads_its_patched_rows_alone_also_where_the_stream_itself_is_patched()
    {
        using var tiny = new TinyQwen2();
        using var device = new WatchedDevice();
        using var model = tiny.On(device);
        int[] clean = tiny.Prompt(8), corrupted = [.. clean];
        corrupted[3] = (clean[3] + 5) % tiny.Config.VocabularySize;
        var pair = new PromptPair(clean, corrupted);

        // Five positions from the first difference on: five batches, or one.
        Uploads(1024);
        Assert.Equal(Uploads(1024) + 4, Uploads(1));

        int Uploads(int mostRows)
        {
            var before = device.Uploads;
            new ActivationPatching(model).Sweep(
                pair, new(Activation.ResidualMiddle, PatchAxes.Position), new LogitMetric.Logit(new(11, 12), ^1),
                new() { Layers = [1], MaxBatchRows = mostRows });
            return device.Uploads - before;
        }
    }

    static RowEdit Put(int position, int head, params float[] numbers) =>
        new(position, head, RowEditKind.Replace, numbers);

    static RowEdit Add(int position, int head, params float[] numbers) =>
        new(position, head, RowEditKind.Add, numbers);

    // Shows 0, 1, 2, … to the probe of a run of six positions.
    static float[] Show(Shape shape, Activation activation, IReadOnlyList<IReadOnlyList<RowEdit>> patches)
    {
        using var device = new WatchedDevice();
        using var shown = device.Allocate(shape);
        device.Upload([.. Enumerable.Range(0, (int)shape.Count).Select(i => (float)i)], shown);
        var site = new Site(activation, 1);
        new BranchProbe(site, patches, 6).Show(site, shown, device);
        Assert.Equal((2, 0, 1), (device.Uploads, device.Downloads, device.LiveCount));
        return device.Download(shown);
    }
}
