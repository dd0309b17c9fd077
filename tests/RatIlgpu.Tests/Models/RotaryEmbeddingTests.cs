using RatIlgpu.Models;

namespace RatIlgpu.Tests.Models;

/// <summary>Expected numbers were worked from the published formulas outside this code, in double precision.</summary>
public sealed class RotaryEmbeddingTests
{
    // One float rounding of a number up to 1.5, and a little for the sine of an angle of 40,000.
    const float Tolerance = 3e-7f;

    // Of a float from 1 to 2.
    const float LastBit = 1.2e-7f;

    [Fact]
    public void Position_zero_turns_nothing() =>
        Equal([1, 1, 1, 1, 0, 0, 0, 0], Angles(Config(8), 0));

    [Fact]
    public void Holds_the_cosines_then_the_sines_of_position_times_frequency() =>
        Equal(
            [
                -0.9899924966f, 0.9553364891f, 0.9995500337f, 0.9999955000f,
                0.1411200081f, 0.2955202067f, 0.0299955002f, 0.0029999955f,
            ],
            Angles(Config(8), 3));

    [Fact]
    public void Gives_consecutive_positions_one_after_the_other()
    {
        var angles = new float[3 * 8];
        new RotaryEmbedding(Config(8)).Fill(5, 3, angles);

        Equal([.. Angles(Config(8), 5), .. Angles(Config(8), 6), .. Angles(Config(8), 7)], angles);
    }

    [Fact]
    public void Linear_scaling_divides_the_frequencies() =>
        Equal(
            [
                0.0707372017f, 0.9887710779f, 0.9998875021f, 0.9999988750f,
                0.9974949866f, 0.1494381325f, 0.0149994375f, 0.0014999994f,
            ],
            Angles(Config(8, scaling: new RopeScaling { Kind = RopeScalingKind.Linear, Factor = 2 }), 3));

    [Fact]
    public void Yarn_keeps_fast_pairs_scales_slow_ones_and_mixes_those_between() =>
        Equal(
            [
                0.8584152987f, -0.6825370607f, 0.8708718284f, 1.1202630287f,
                1.1375399060f, 1.1385760410f, 1.1386276926f, 1.1386292618f,
                0.7480642804f, 0.9113836478f, 0.7335252220f, 0.2036853931f,
                0.0497991478f, 0.0110268563f, 0.0019926005f, 0.0006301159f,
            ],
            Angles(Config(16, scaling: Yarn), 7));

    [Fact]
    public void Yarn_without_truncation_mixes_from_between_two_pairs() =>
        Equal(
            [
                0.8584152987f, -0.6825370607f, 0.8708718284f, 1.1158658149f,
                1.1374302714f, 1.1385833278f, 1.1386276926f, 1.1386292618f,
                0.7480642804f, 0.9113836478f, 0.7335252220f, 0.2265402304f,
                0.0522433775f, 0.0102468710f, 0.0019926005f, 0.0006301159f,
            ],
            Angles(Config(16, scaling: Yarn with { Truncates = false }), 7));

    [Fact]
    public void Yarn_reads_its_betas_and_its_attention_factor() =>
        Equal(
            [
                1.1308533815f, -0.8991560895f, 1.1472632809f, 1.4633998176f,
                1.4979332873f, 1.4999081259f, 1.4999977031f, 1.4999997703f,
                0.9854798981f, 1.2006324695f, 0.9663265309f, 0.3293341370f,
                0.0787138292f, 0.0166016188f, 0.0026249987f, 0.0008300978f,
            ],
            Angles(Config(16, scaling: Yarn with { BetaFast = 8, BetaSlow = 2, AttentionFactor = 1.5 }), 7));

    [Fact]
    public void Yarn_with_no_room_between_its_ends_scales_all_pairs_but_the_first() =>
        Equal(
            [
                0.9106718209f, 1.2033229425f, 1.2078979129f, 1.2079436918f,
                0.7936031213f, 0.1055602943f, 0.0105693765f, 0.0010569510f,
            ],
            Angles(
                Config(8, scaling: Yarn with { Factor = 8, OriginalPositions = 6, AttentionFactor = 1.20794415416798 }),
                7));

    [Theory]
    [InlineData(0, 0.3673075932f, 1.0777579157f)]
    [InlineData(20, 0.8979856154f, -0.7000705873f)]
    [InlineData(30, 0.1847066560f, -1.1235481494f)]
    [InlineData(40, -0.2345549536f, 1.1142086728f)]
    [InlineData(63, 1.1385417670f, 0.0141293200f)]
    public void Yarn_as_Qwen2_5_documents_it_reaches_position_40000(int pair, float cosine, float sine)
    {
        var angles = Angles(Config(128, 1e6, Yarn with { OriginalPositions = 32768 }), 40_000);

        Equal([cosine, sine], [angles[pair], angles[64 + pair]]);
    }

    [Fact]
    public void Llama_3_keeps_fast_pairs_scales_slow_ones_and_mixes_those_between() =>
        Equal(
            [
                -0.9899924966f, 0.9960189192f, 0.9999929688f, 0.9999999297f,
                0.1411200081f, 0.0891420925f, 0.0037499912f, 0.0003750000f,
            ],
            Angles(Config(8, scaling: Llama with { OriginalPositions = 100 }), 3));

    [Theory]
    [InlineData(0, 0.3225874736f, 0.9465396568f)]
    [InlineData(28, -0.9402409802f, 0.3405097636f)]
    [InlineData(29, 0.2657989277f, -0.9640284903f)]
    [InlineData(32, -0.5425705116f, 0.8400102618f)]
    [InlineData(35, -0.7770113448f, -0.6294865924f)]
    [InlineData(63, 0.9999246545f, 0.0122753956f)]
    public void Llama_3_1_as_it_is_published_reaches_position_40000(int pair, float cosine, float sine)
    {
        var angles = Angles(Config(128, 500_000, Llama), 40_000);

        Equal([cosine, sine], [angles[pair], angles[64 + pair]]);
    }

    [Theory]
    [InlineData(14, -0.9402409802f, 0.3405097636f)]
    [InlineData(16, -0.0963380871f, -0.9953486690f)]
    [InlineData(31, 0.9999929036f, 0.0037673138f)]
    public void Llama_3_2_as_it_is_published_reaches_position_40000(int pair, float cosine, float sine)
    {
        var angles = Angles(Config(64, 500_000, Llama with { Factor = 32 }), 40_000);

        Equal([cosine, sine], [angles[pair], angles[32 + pair]]);
    }

    // Worked with the float functions of the C library, every step rounded to float, from the published formulas. The
    // last bit of a cosine may differ.
    [Theory]
    [InlineData(0, 0.9822633266f, 0.1875065565f)]
    [InlineData(1, -0.9604952931f, -0.2782961726f)]
    [InlineData(2, 0.5360867977f, 0.8441628814f)]
    [InlineData(5, 0.1732057333f, 0.9848856926f)]
    [InlineData(10, -0.9628023505f, -0.2702067196f)]
    [InlineData(31, 0.9987272024f, 0.0504373647f)]
    public void Single_precision_rounds_every_step(int pair, float cosine, float sine) =>
        InSingle(Config(64, 1e6), 32_767, pair, cosine, sine);

    [Theory]
    [InlineData(1, -0.1405430287f, 0.9900745749f)]
    [InlineData(10, 0.1363775432f, -0.9906569123f)]
    public void Single_precision_divides_by_a_factor_last(int pair, float cosine, float sine) => InSingle(
        Config(64, 1e6, new RopeScaling { Kind = RopeScalingKind.Linear, Factor = 2 }), 32_767, pair, cosine, sine);

    [Theory]
    [InlineData(1, 0.6634072065f, 0.9254015088f)]
    [InlineData(20, 0.8979831338f, -0.7000737190f)]
    [InlineData(30, 0.1847075075f, -1.1235480309f)]
    [InlineData(40, -0.2345549613f, 1.1142085791f)]
    [InlineData(63, 1.1385416985f, 0.0141293202f)]
    public void Single_precision_mixes_as_yarn_does(int pair, float cosine, float sine) =>
        InSingle(Config(128, 1e6, Yarn with { OriginalPositions = 32768 }), 40_000, pair, cosine, sine);

    [Theory]
    [InlineData(20, -0.8967677355f, 0.4425016046f)]
    [InlineData(29, 0.2657950819f, -0.9640295506f)]
    [InlineData(30, -0.1019463390f, -0.9947898984f)]
    [InlineData(40, 0.1982335299f, 0.9801548123f)]
    public void Single_precision_mixes_as_Llama_3_does(int pair, float cosine, float sine) =>
        InSingle(Config(128, 500_000, Llama), 40_000, pair, cosine, sine);

    [Theory]
    [InlineData(64, 1e6, 1.2e-3)]
    [InlineData(128, 1e6, 1.3e-3)]
    public void Angles_of_both_precisions_differ_by_a_thousandth_at_the_last_position(
        int headSize, double theta, double most)
    {
        var config = Config(headSize, theta);
        var (exact, rounded) = (Angles(config, 32_767), Angles(Single(config), 32_767));

        Assert.InRange(exact.Zip(rounded, (a, b) => Math.Abs(a - b)).Max(), most / 2, most);
    }

    [Fact]
    public void Says_how_many_numbers_do_not_fit()
    {
        var fault = Assert.Throws<ArgumentException>(() => new RotaryEmbedding(Config(8)).Fill(0, 2, new float[15]));

        Assert.Equal("Fill: 2 positions of head size 8 do not fit 15 numbers.", fault.Message);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(int.MaxValue, 1)]
    public void Refuses_positions_that_are_none(int first, int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new RotaryEmbedding(Config(8)).Fill(first, count, new float[8]));

    static RopeScaling Yarn { get; } = new()
    {
        Kind = RopeScalingKind.Yarn,
        Factor = 4,
        OriginalPositions = 4096,
        AttentionFactor = 1.1386294361119891,
    };

    static RopeScaling Llama { get; } = new()
    {
        Kind = RopeScalingKind.Llama3,
        Factor = 8,
        OriginalPositions = 8192,
        LowFrequencyFactor = 1,
        HighFrequencyFactor = 4,
    };

    static Qwen2Config Single(Qwen2Config config) => config with { RotaryPrecision = RotaryPrecision.Single };

    static void InSingle(Qwen2Config config, int position, int pair, float cosine, float sine)
    {
        var angles = Angles(Single(config), position);

        Assert.Equal(cosine, angles[pair], LastBit);
        Assert.Equal(sine, angles[config.HeadSize / 2 + pair], LastBit);
    }

    static float[] Angles(Qwen2Config config, int position)
    {
        var angles = new float[config.HeadSize];
        new RotaryEmbedding(config).Fill(position, 1, angles);
        return angles;
    }

    static void Equal(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], Tolerance);
    }

    static Qwen2Config Config(int headSize, double theta = 10_000, RopeScaling? scaling = null) => new()
    {
        HiddenSize = headSize,
        IntermediateSize = 1,
        LayerCount = 1,
        HeadCount = 1,
        KeyValueHeadCount = 1,
        HeadSize = headSize,
        VocabularySize = 1,
        RmsNormEpsilon = 1e-6f,
        RopeTheta = theta,
        RopeScaling = scaling,
        TiesEmbeddings = true,
        MaxPositions = 32,
    };
}
