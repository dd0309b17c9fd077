namespace RatIlgpu.Cli.Tests;

public sealed class PartProgressTests
{
    [Fact]
    public void A_part_goes_on_where_the_last_one_ended()
    {
        var seen = new Seen();
        foreach (var (first, count) in new[] { (0, 1), (1, 3) })
            foreach (var share in (double[])[0, 0.5, 1])
                new PartProgress(seen, first, count, 4).Report(share);
        Assert.Equal([0, 0.125, 0.25, 0.25, 0.625, 1], seen.All);
    }

    sealed class Seen : IProgress<double>
    {
        public List<double> All { get; } = [];

        public void Report(double value) => All.Add(value);
    }
}
