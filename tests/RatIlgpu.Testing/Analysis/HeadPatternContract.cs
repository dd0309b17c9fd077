using RatIlgpu.Analysis;

namespace RatIlgpu.Testing;

/// <summary>Holds the scores of heads on a device to the float64 reference.</summary>
public abstract class HeadPatternContract
{
    /// <summary>Scores are sums of at most 28 probabilities of a pattern in F32, each off by some 1e-7.</summary>
    const double Rounding = 1e-5;

    static readonly Dictionary<string, HeadPatternKind> Kinds = new()
    {
        ["previous"] = HeadPatternKind.PreviousToken,
        ["duplicate"] = HeadPatternKind.DuplicateToken,
        ["induction"] = HeadPatternKind.Induction,
    };

    /// <summary>Opens the device.</summary>
    protected abstract Device Create();

    [Fact]
    public void Every_score_of_the_reference_is_found()
    {
        using var device = Create();
        using var fixture = new AttributionFixture();
        using var model = fixture.On(device);
        var run = new Recorder(model).Record(AttributionFixture.Repeated.AsSpan(), [new(Activation.Pattern)]);
        var compared = 0;
        foreach (var scores in fixture.Results.GetProperty("heads").EnumerateObject())
        {
            var (kind, options) = Read(scores.Name);
            var found = HeadPatternDetector.Score(run, kind, options);
            var mask = DetectionPattern.For(kind, run.TokenIds.AsSpan());
            Assert.Equal(found, HeadPatternDetector.Score(run, mask, options));
            Assert.Equal(3 * 4, found.Count);
            foreach (var (head, score) in found)
            {
                Assert.Equal(scores.Value[head.Layer][head.Head].GetDouble(), score, Rounding);
                compared++;
            }
        }

        Assert.Equal(24 * 12, compared);
    }

    static (HeadPatternKind Kind, HeadPatternOptions Options) Read(string name)
    {
        var parts = name.Split('/');
        return (Kinds[parts[0]], new()
        {
            Queries = PatternQueries.All,
            Measure = parts[1] == "mul" ? PatternMeasure.AttentionShare : PatternMeasure.AbsoluteDifference,
            ExcludeFirstPosition = parts[2] is "first" or "both",
            ExcludeCurrentToken = parts[2] is "current" or "both",
        });
    }
}
