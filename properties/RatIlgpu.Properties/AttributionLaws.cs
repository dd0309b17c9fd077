using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(AttributionLaws.Case)])]
public sealed class AttributionLaws
{
    // The largest difference between two sums over the same F32 run, as a share of the sum of the magnitudes of
    // the rows. The sums are in double.
    const double Rounding = 1e-5;

    // Added to that bound, for few and small rows.
    const double Least = 1e-4;

    // The lens norms and unembeds the stream in batches of another size. A share of the largest logit.
    const double LensRounding = 2e-5;

    // Sums of a small vocabulary in double that add in another order.
    const double SumRounding = 1e-12;

    // Every case writes a model to a file.
    const int Many = 60;

    static AttributionUnit[] Parts =>
        [.. Enum.GetValues<AttributionUnit>().Where(unit => unit != AttributionUnit.CumulativeLayer)];

    [Law(Many)]
    public void The_rows_of_every_unit_sum_to_the_logit_or_the_difference_and_rounding_is_rounding(Case found) =>
        Holds(found, (model, run) =>
        {
            var numbers = LogitsAt(model, run, found);
            foreach (var target in (LogitTarget[])[new(found.Answer), new(found.Answer, found.Foil)])
                foreach (var reference in Enum.GetValues<LogitReference>())
                    foreach (var bias in Enum.GetValues<ValueBiasTreatment>())
                        foreach (var unit in Parts)
                        {
                            var all = new LogitAttributor(model).Attribute(
                                run, target, found.Position,
                                new() { Unit = unit, ValueBias = bias, Reference = reference });
                            var isCentred = reference == LogitReference.VocabularyMean;
                            var foil = target.Foil is { } id ? numbers[id] : isCentred ? numbers.Average() : 0;
                            var size = SizeOf(all.Terms);
                            Near(numbers[found.Answer] - foil, all.Measured, size);
                            Assert.Equal(all.Measured, all.Terms.Sum(row => row.Value), 1e-12 * (1 + size));
                            Near(0, all.Terms[^1].Value, size);
                        }
        });

    [Law(Many)]
    public void Heads_sources_neurons_and_steps_of_the_stream_sum_to_the_sublayers_they_make_up(Case found) =>
        Holds(found, (model, run) =>
        {
            foreach (var bias in Enum.GetValues<ValueBiasTreatment>())
            {
                var sublayers = Rows(AttributionUnit.Sublayer, bias).ToDictionary(row => row.Term, row => row.Value);
                var heads = Rows(AttributionUnit.Head, bias).ToDictionary(row => row.Term, row => row.Value);
                var sources = Rows(AttributionUnit.HeadBySource, bias);
                var neurons = Rows(AttributionUnit.Neuron, bias);
                for (var layer = 0; layer < found.Model.Layers; layer++)
                {
                    Sums(
                        sublayers[new ResidualTerm.Attention(layer)],
                        heads.Where(row => row.Key is ResidualTerm.Head head && head.Index.Layer == layer)
                            .Select(row => row.Value));
                    Sums(
                        sublayers[new ResidualTerm.Mlp(layer)],
                        neurons.Where(row => row.Term is ResidualTerm.Neuron one && one.Layer == layer)
                            .Select(row => row.Value));
                }

                foreach (var (term, value) in heads)
                    if (term is ResidualTerm.Head head)
                        Sums(
                            value,
                            sources.Where(row => row.Term is ResidualTerm.HeadSource one && one.Index == head.Index)
                                .Select(row => row.Value));
            }

            var streams = Rows(AttributionUnit.CumulativeLayer, ValueBiasTreatment.InHeads);
            var written = Rows(AttributionUnit.Sublayer, ValueBiasTreatment.InHeads);
            for (var row = 0; row < streams.Length; row++)
                Sums(streams[row].Value - (row == 0 ? 0 : streams[row - 1].Value), [written[row].Value]);

            ImmutableArray<Contribution> Rows(AttributionUnit unit, ValueBiasTreatment bias) =>
                found.Explain(model, run, unit, bias).Terms;
        });

    [Law(Many)]
    public void Answer_and_foil_swapped_negate_every_row(Case found) => Holds(found, (model, run) =>
    {
        foreach (var unit in Enum.GetValues<AttributionUnit>())
        {
            var there = found.Explain(model, run, unit);
            var back = new LogitAttributor(model).Attribute(
                run, new(found.Foil, found.Answer), found.Position, new() { Unit = unit });
            Assert.Equal(there.Measured, -back.Measured);
            Assert.Equal(there.Terms.Select(row => row.Term), back.Terms.Select(row => row.Term));
            Assert.All(there.Terms.Zip(back.Terms), pair => Assert.Equal(pair.First.Value, -pair.Second.Value));
        }
    });

    [Law(Many)]
    public void A_difference_is_the_answer_less_the_foil_row_by_row(Case found) => Holds(found, (model, run) =>
    {
        foreach (var unit in Enum.GetValues<AttributionUnit>())
        {
            var attributor = new LogitAttributor(model);
            var options = new AttributionOptions { Unit = unit };
            var answer = attributor.Attribute(run, new(found.Answer), found.Position, options).Terms;
            var foil = attributor.Attribute(run, new(found.Foil), found.Position, options).Terms;
            var both = found.Explain(model, run, unit).Terms;
            for (var row = 0; row < both.Length; row++)
                Near(both[row].Value, answer[row].Value - foil[row].Value, SizeOf(answer) + SizeOf(foil));
        }
    });

    [Law(Many)]
    public void A_model_without_value_biases_and_with_what_they_write_has_the_heads_that_are_left_of_it(Case found) =>
        Holds(found, (model, run) =>
        {
            var options = new RecordingOptions { Interventions = [.. WithoutValueBiases(model)] };
            var captures = LogitAttributor.Captures(AttributionUnit.Head).Add(new(Activation.Logits));
            var moved = new Recorder(model).Record(found.Prompt, captures, options);
            var size = SizeOf(found.Explain(model, run, AttributionUnit.Head).Terms);
            Near(LogitsAt(model, run, found)[found.Answer], moved[Site.Logits].Row(found.Position)[found.Answer], size);

            // The remainder holds the vectors that the interventions add, since no part of the model writes them.
            var separate = found.Explain(model, run, AttributionUnit.Head, ValueBiasTreatment.Separate).Terms;
            var heads = found.Explain(model, moved, AttributionUnit.Head).Terms;
            var biases = separate.Where(row => row.Term is ResidualTerm.ValueBias).Sum(row => row.Value);
            Near(biases, heads[^1].Value, size);
            foreach (var (term, value) in heads.SkipLast(1))
                Near(separate.Single(row => row.Term == term).Value, value, size);
        });

    [Law(Many)]
    public void Every_row_is_what_the_definition_says(Case found) => Holds(found, (model, run) =>
    {
        var attributor = new LogitAttributor(model);
        foreach (var target in (LogitTarget[])[new(found.Answer), new(found.Answer, found.Foil)])
            foreach (var unit in Enum.GetValues<AttributionUnit>())
            {
                var options = new AttributionOptions
                {
                    Unit = unit,
                    ValueBias = Parts.Contains(unit) ? (ValueBiasTreatment)(found.Step % 2) : default,
                    Reference = (LogitReference)(found.Answer % 2),
                };
                var plain = new PlainAttribution(model, run, target, found.Position, options);
                // The run with every activation has values of query heads; the run with only the captures has values
                // of key/value heads.
                var captured = new Recorder(model).Record(found.Prompt, LogitAttributor.Captures(unit));
                foreach (var recorded in (Recording[])[run, captured])
                {
                    var rows = attributor.Attribute(recorded, target, found.Position, options).Terms;
                    var size = SizeOf(rows);
                    Assert.All(rows.Where(row => row.Term is not ResidualTerm.Rounding), row =>
                        Near(plain.Value(row.Term), row.Value, size));
                }
            }
    });

    [Law(Many)]
    public void The_last_state_of_the_lens_is_the_model_and_every_state_is_a_distribution(Case found)
    {
        using var tiny = found.Model.Make();
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        var size = tiny.Config.VocabularySize;
        using var logits = model.Forward(found.Prompt);
        var row = device.Download(logits).AsSpan(found.Position * size, size).ToArray();
        var options = new LensOptions { Top = size, Tokens = [found.Answer, found.Foil] };
        var states = new LogitLens(model).Read(found.Prompt, found.Position, options);

        Assert.Equal(2 * found.Model.Layers + 1, states.Length);
        foreach (var state in states)
        {
            Assert.Equal(1, state.Top.Sum(token => token.Probability), 1e-9);
            Assert.Equal(Enumerable.Range(0, size), state.Top.Select(token => token.Id).Order());
            for (var rank = 1; rank < size; rank++)
                Assert.True(state.Top[rank].Logit <= state.Top[rank - 1].Logit);
            Assert.All(state.Tokens, token => Assert.Equal(state.Top[token.Rank - 1], token));
        }

        var scale = Math.Max(1, row.Max(Math.Abs));
        Assert.All(states[^1].Top, token => Assert.Equal(row[token.Id] / scale, token.Logit / scale, LensRounding));
    }

    [Law(Many)]
    public void Entropy_and_divergence_of_a_state_keep_their_ranges_and_are_the_sums_of_their_definitions(Case found) =>
        Holds(found, (model, _) =>
        {
            var size = model.Config.VocabularySize;
            var states = new LogitLens(model).Read(found.Prompt, found.Position, new() { Top = size });
            double[][] logs = [.. states.Select(state => LogarithmsOf(state, size))];
            foreach (var (state, log) in states.Zip(logs))
            {
                Assert.InRange(state.Entropy, 0, Math.Log(size) + SumRounding);
                Assert.InRange(state.KlDivergence, 0, double.PositiveInfinity);
                Assert.Equal(-log.Sum(own => Math.Exp(own) * own), state.Entropy, SumRounding);
                Assert.Equal(
                    logs[^1].Zip(log, (final, own) => Math.Exp(final) * (final - own)).Sum(), state.KlDivergence,
                    SumRounding);
            }

            Assert.Equal(0, states[^1].KlDivergence);
        });

    static double[] LogarithmsOf(LensState state, int size)
    {
        var logs = new double[size];
        foreach (var token in state.Top)
            logs[token.Id] = token.Logit;
        var partition = Math.Log(logs.Sum(Math.Exp));
        return [.. logs.Select(logit => logit - partition)];
    }

    // Subtracts the biases from the values, and adds to the output of attention the vectors that the heads would
    // have written from the biases.
    static IEnumerable<Intervention> WithoutValueBiases(Qwen2Model model)
    {
        var config = model.Config;
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var weights = model.Weights.Layers[layer];
            if (weights.ValueBias is not { } valueBias)
                yield break;
            var bias = model.Rows(valueBias, 0);
            var output = model.Rows(weights.Output, [.. Enumerable.Range(0, config.HiddenSize)]);
            for (var head = 0; head < config.KeyValueHeadCount; head++)
                yield return Intervention.Add(
                    InterventionTarget.At(model, Activation.Value, layer, [head]),
                    [.. bias.Skip(head * config.HeadSize).Take(config.HeadSize).Select(number => -number)]);
            var written = new double[config.HiddenSize];
            var inputs = config.HeadCount * config.HeadSize;
            for (var i = 0; i < written.Length; i++)
                for (var input = 0; input < inputs; input++)
                    written[i] += output[i * inputs + input] * bias[
                        input / config.HeadSize / config.GroupSize * config.HeadSize + input % config.HeadSize];
            yield return Intervention.Add(
                InterventionTarget.At(model, Activation.AttentionOutput, layer),
                [.. written.Select(number => (float)number)]);
        }
    }

    [Law(Many)]
    public void A_row_of_the_unembedding_as_direction_has_the_results_of_its_token(Case found) =>
        Holds(found, (model, run) =>
        {
            var row = model.Rows(model.Weights.Unembedding, found.Answer);
            var direction = new StreamDirection([.. row.Select(number => (double)number)]);
            foreach (var unit in Enum.GetValues<AttributionUnit>())
            {
                var token = new LogitAttributor(model).Attribute(
                    run, new(found.Answer), found.Position, new() { Unit = unit });
                var read = new LogitAttributor(model).Attribute(
                    run, new(direction), found.Position, new() { Unit = unit });
                Assert.Equal(token.Terms, read.Terms);
                Assert.Equal(token.Measured, read.Measured);
            }

            var states = new LogitLens(model).Read(
                run, found.Position, new() { Tokens = [found.Answer], Directions = [direction] });
            foreach (var state in states)
                Near(state.Tokens[0].Logit, state.Projections[0].Value, row.Sum(Math.Abs));
        });

    [Law(Many)]
    public void A_target_at_each_position_has_the_rows_that_it_has_alone(Case found) => Holds(found, (model, _) =>
    {
        Index[] positions = [.. Enumerable.Range(0, found.Prompt.Length).Reverse().Select(at => (Index)at)];
        LogitTarget[] targets =
        [
            .. positions.Select(position => position.Value % 2 == 0
                ? new LogitTarget(found.Answer)
                : new LogitTarget(found.Foil, found.Answer)),
        ];
        AnalysisPrompt prompt = new([.. found.Prompt]) { Targets = [.. targets], Positions = [.. positions] };
        var batch = new LogitAttributor(model).AttributeAll([prompt, new([1]) { Target = new(1) }]);
        var states = new LogitLens(model).ReadAll([prompt]).Prompts[0].States.Chunk(2 * model.Config.LayerCount + 1);
        foreach (var (place, own) in states.Index())
        {
            var (position, target) = (positions[place], targets[place]);
            Assert.Equal(
                new LogitAttributor(model).Attribute(found.Prompt, target, position).Terms,
                batch.Attributions[0][place].Terms);
            int[] followed = target.Foil is { } foil ? [target.Answer!.Value, foil] : [target.Answer!.Value];
            Assert.Equal(new LogitLens(model).Read(found.Prompt, position, new() { Tokens = [.. followed] }), own);
        }
    });

    [Law(Many)]
    public void A_batch_has_the_results_of_each_prompt_alone(Case found) => Holds(found, (model, _) =>
    {
        int[] other = [.. found.Prompt.Reverse().Append(found.Answer)];
        AnalysisPrompt[] prompts =
        [
            new([.. found.Prompt]) { Target = new(found.Answer), Positions = [found.Position] },
            new([.. other]) { Target = new(found.Foil), Positions = [^1] },
        ];
        var attributor = new LogitAttributor(model);
        foreach (var unit in Enum.GetValues<AttributionUnit>())
        {
            AnalysisPrompt[] recorded =
                [.. prompts.Select(prompt => WithRun(prompt, LogitAttributor.Captures(unit, prompt.Positions)))];
            var batch = attributor.AttributeAll([.. prompts, .. recorded], new() { Unit = unit });
            foreach (var (prompt, one) in prompts.Concat(prompts).Zip(batch.Attributions))
                Assert.Equal(
                    attributor.Attribute(
                        prompt.TokenIds, prompt.Target!.Value, prompt.Positions[0], new() { Unit = unit }).Terms,
                    one.Single().Terms);
            foreach (var (place, row) in batch.Mean.Index())
                Assert.Equal(
                    MeanAndSpread.Of(batch.Attributions.Select(one => (double?)one[0].Terms[place].Value)), row.Value);
            Assert.Equal(unit == AttributionUnit.HeadBySource, batch.Mean.IsEmpty);
        }

        var lens = new LogitLens(model);
        AnalysisPrompt[] read = [.. prompts.Select(prompt => WithRun(prompt, LogitLens.Captures(prompt.Positions)))];
        foreach (var (prompt, reading) in prompts.Concat(prompts).Zip(lens.ReadAll([.. prompts, .. read]).Prompts))
            Assert.Equal(
                lens.Read(
                    prompt.TokenIds, prompt.Positions[0], new() { Tokens = [prompt.Target!.Value.Answer!.Value] }),
                reading.States);

        AnalysisPrompt WithRun(AnalysisPrompt prompt, ImmutableArray<Capture> captures) =>
            prompt with { Run = new Recorder(model).Record(prompt.TokenIds, captures) };
    });

    static void Holds(Case found, Action<Qwen2Model, Recording> statement)
    {
        using var tiny = found.Model.Make();
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        var everything = Enum.GetValues<Activation>().Select(activation => new Capture(activation));
        statement(model, new Recorder(model).Record(found.Prompt, [.. everything]));
    }

    static double[] LogitsAt(Qwen2Model model, Recording run, Case found)
    {
        using var logits = model.Forward(run.TokenIds.AsSpan());
        var size = model.Config.VocabularySize;
        var row = model.Device.Download(logits).Skip(found.Position * size).Take(size);
        return [.. row.Select(number => (double)number)];
    }

    static double SizeOf(IEnumerable<Contribution> rows) => rows.Sum(row => Math.Abs(row.Value));

    static void Sums(double expected, IEnumerable<double> parts)
    {
        double[] all = [.. parts];
        Assert.NotEmpty(all);
        Near(expected, all.Sum(), all.Sum(Math.Abs) + Math.Abs(expected));
    }

    static void Near(double expected, double found, double size) =>
        Assert.InRange(Math.Abs(expected - found), 0, (Rounding * size) + Least);

    /// <summary>A small random model, a prompt, and the logits to explain at one position.</summary>
    /// <param name="Model">The model and the length of the prompt.</param>
    /// <param name="Back">The distance of the position from the last one; a larger one than there is means the
    /// first position.</param>
    /// <param name="Answer">The token whose logit is explained.</param>
    /// <param name="Step">The foil's id minus the answer's, modulo the vocabulary, 1 to 96.</param>
    public sealed record Case(ModelCase Model, int Back, int Answer, int Step)
    {
        /// <summary>Gets arbitrary cases; smaller ones have a smaller model.</summary>
        public static Arbitrary<Case> Any { get; } = Arb.From(
            from model in ModelCase.Any.Generator
            from back in Gen.Choose(0, 6)
            from answer in Gen.Choose(0, TinyQwen2.Small.VocabularySize - 1)
            from step in Gen.Choose(1, TinyQwen2.Small.VocabularySize - 1)
            select new Case(model, back, answer, step),
            found => found.Smaller());

        /// <summary>Gets the position that is explained.</summary>
        public int Position => int.Max(0, Model.Length - 1 - Back);

        /// <summary>Gets the token that the answer is compared with.</summary>
        public int Foil => (Answer + Step) % TinyQwen2.Small.VocabularySize;

        /// <summary>Gets the prompt.</summary>
        public int[] Prompt
        {
            get
            {
                var random = new Random(Model.Seed);
                return [.. Enumerable.Range(0, Model.Length).Select(_ => random.Next(TinyQwen2.Small.VocabularySize))];
            }
        }

        /// <summary>Attributes the difference between the logits of the answer and the foil.</summary>
        public LogitAttribution Explain(
            Qwen2Model model,
            Recording run,
            AttributionUnit unit,
            ValueBiasTreatment bias = ValueBiasTreatment.InHeads) => new LogitAttributor(model).Attribute(
                run, new(Answer, Foil), Position, new() { Unit = unit, ValueBias = bias });

        IEnumerable<Case> Smaller() =>
            ModelCase.Any.Shrinker(Model).Select(model => this with { Model = model })
                .Concat(Back > 0 ? [this with { Back = 0 }] : []);
    }
}
