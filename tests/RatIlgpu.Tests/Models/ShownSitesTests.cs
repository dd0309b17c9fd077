using RatIlgpu.Models;

namespace RatIlgpu.Tests.Models;

public sealed class ShownSitesTests
{
    [Fact]
    public void A_run_without_a_probe_shows_only_where_it_stops()
    {
        var shown = new ShownSites(3, new() { StopAfter = new(Activation.Pattern, 1) }, wants: null);
        Assert.Equal([new Site(Activation.Pattern, 1)], All(3).Where(shown.Contains));
        Assert.Equal([false, true, false], Layers(shown.NeedsWholeLayer));
        Assert.Equal([false, true, false], Layers(shown.NeedsAll));
        Assert.DoesNotContain(All(3), shown.Wants);
    }

    [Fact]
    public void The_wanted_are_asked_once_for_every_site()
    {
        var asked = new List<Site>();
        var shown = new ShownSites(2, new(), Note);
        Assert.Equal(All(2).Order(Site.RunOrder), asked.Order(Site.RunOrder));
        Assert.Equal(All(2).Where(site => site.Layer == 1), All(2).Where(shown.Wants));

        bool Note(Site site)
        {
            asked.Add(site);
            return site.Layer == 1;
        }
    }

    [Theory]
    [InlineData(Activation.ResidualBefore, false, false, false)]
    [InlineData(Activation.AttentionInput, true, false, false)]
    [InlineData(Activation.Query, true, true, false)]
    [InlineData(Activation.RotatedQuery, true, true, false)]
    [InlineData(Activation.Key, true, false, false)]
    [InlineData(Activation.HeadValue, true, false, false)]
    [InlineData(Activation.Pattern, true, false, true)]
    [InlineData(Activation.MlpOutput, true, false, true)]
    [InlineData(Activation.ResidualAfter, false, false, true)]
    [InlineData(Activation.Logits, false, false, false)]
    public void Every_activation_needs_so_much_of_its_layer(Activation activation, bool whole, bool queries, bool all)
    {
        var shown = new ShownSites(1, new(), Wants);
        Assert.Equal(
            (whole, queries, all), (shown.NeedsWholeLayer(0), shown.NeedsQueries(0), shown.NeedsAll(0)));
        shown = new ShownSites(1, new() { ProbeTakesBlocks = true }, Wants);
        Assert.Equal(
            (false, queries, all), (shown.NeedsWholeLayer(0), shown.NeedsQueries(0), shown.NeedsAll(0)));

        bool Wants(Site site) => site.Activation == activation;
    }

    static IEnumerable<bool> Layers(Func<int, bool> holds) => Enumerable.Range(0, 3).Select(holds);

    static IEnumerable<Site> All(int layers) =>
        from activation in Enum.GetValues<Activation>()
        from layer in Enumerable.Range(0, new Site(activation, 0).IsInLayer ? layers : 1)
        select new Site(activation, layer);
}
