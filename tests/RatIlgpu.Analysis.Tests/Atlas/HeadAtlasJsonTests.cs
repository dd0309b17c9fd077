using System.Text.Json;

namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class HeadAtlasJsonTests
{
    [Fact]
    public void An_atlas_is_written_whole_in_a_fixed_form()
    {
        const string Expected =
            """
            {
              "kind": "atlas",
              "version": 3,
              "model": {
                "name": "m\uFFFD",
                "layer_count": 1,
                "head_count": 1,
                "key_head_count": 1
              },
              "origin": {
                "command": "ratilgpu heads",
                "version": "1.2.3"
              },
              "manifest": {
                "fingerprint": "f",
                "score_profile": "pr403",
                "seed": -4,
                "units": {
                  "text": 2,
                  "indirect_object": 1
                },
                "texts": "a.txt",
                "texts_hash": null,
                "device": "cpu, Vector256",
                "version": "1.2.3",
                "seconds": 1.5,
                "warnings": [
                  "\u003C/script\u003E"
                ]
              },
              "probes": [
                {
                  "id": "previous",
                  "name": "Previous token",
                  "meaning": "Attention to the token before.",
                  "pass": "text",
                  "is_attention": true,
                  "unit": null
                }
              ],
              "heads": [
                {
                  "head": "L0H0",
                  "layer": 0,
                  "number": 0,
                  "kv": 0,
                  "roles": [
                    {
                      "role": "previous_token",
                      "score": "previous",
                      "confidence": 0.5,
                      "verdict": "causal"
                    }
                  ],
                  "scores": {
                    "previous": {
                      "raw": 0.75,
                      "chance": 0.5,
                      "excess": 0.5,
                      "no_sink": 0.25,
                      "no_self": null,
                      "lo": 0.125,
                      "hi": null,
                      "n": 8
                    }
                  },
                  "peak_offset": 1,
                  "profile": [
                    0.25,
                    null
                  ],
                  "feeders": [
                    {
                      "source": "L0H0",
                      "input": "query",
                      "score": "induction",
                      "effect": 0.125
                    }
                  ],
                  "effects": [
                    {
                      "role": "previous_token",
                      "behaviour": "text_loss",
                      "ablation": "mean",
                      "effect": 2,
                      "null": {
                        "mean": 0.5,
                        "spread": null,
                        "count": 1
                      },
                      "is_same_layer": true,
                      "verdict": "causal"
                    }
                  ]
                }
              ],
              "behaviours": {
                "text_loss": 3.25
              },
              "role_effects": [
                {
                  "role": "induction",
                  "heads": [
                    "L0H0"
                  ],
                  "effects": []
                }
              ],
              "cards": [
                {
                  "head": "L0H0",
                  "bias_scores": [],
                  "examples": [
                    {
                      "decile": 10,
                      "text": 7,
                      "activity": 1.5,
                      "peak": 3
                    }
                  ],
                  "vectors": [
                    {
                      "kind": "key",
                      "first_share": 0.5,
                      "second_share": 0.25
                    }
                  ]
                }
              ]
            }

            """;
        var effect = new CausalEffect(
            HeadRole.PreviousToken, HeadBehaviour.TextLoss, HeadAblation.Mean, 2, new(0.5, double.NaN, 1),
            CausalVerdict.Causal);
        var head = new AtlasHead(new(0, 0), 0)
        {
            Scores = ImmutableSortedDictionary<string, HeadScore>.Empty.Add(
                "previous", new(0.75, 8) { Chance = 0.5, WithoutFirst = 0.25, Low = 0.125, High = double.NaN }),
            Roles = [new(HeadRole.PreviousToken, "previous", 0.5) { Verdict = CausalVerdict.Causal }],
            Profile = [0.25, null],
            PeakOffset = 1,
            Feeders = [new(new(0, 0), HeadInput.Query, "induction", 0.125)],
            Effects = [effect],
        };
        var atlas = new HeadAtlas
        {
            Manifest = new()
            {
                Model = "m\ud800",
                Fingerprint = "f",
                LayerCount = 1,
                HeadCount = 1,
                KeyValueHeadCount = 1,
                Profile = ScoreProfile.Pr403,
                Seed = -4,
                Units = ImmutableSortedDictionary<AtlasPass, int>.Empty
                    .Add(AtlasPass.IndirectObject, 1).Add(AtlasPass.Text, 2),
                Texts = "a.txt",
                Device = "cpu, Vector256",
                Version = "1.2.3",
                Seconds = 1.5,
                Warnings = ["</script>"],
            },
            Scores = [new("previous", "Previous token", "Attention to the token before.", AtlasPass.Text)],
            Heads = [head],
            Texts = [new(7, [])],
            Cards =
            [
                new(head.Head)
                {
                    Examples = [new(10, 0, 1.5, 3, [], [])],
                    Vectors = [new(HeadVectorKind.Key, [], 0.5, 0.25)],
                },
            ],
            RoleEffects = [new(HeadRole.Induction, [new(0, 0)], [])],
            Behaviours = ImmutableSortedDictionary<HeadBehaviour, double>.Empty.Add(HeadBehaviour.TextLoss, 3.25),
        };
        var text = HeadAtlasJson.Write(atlas, new() { Command = "ratilgpu heads", Version = "1.2.3" });
        Assert.Equal(Expected.ReplaceLineEndings("\n"), text);
        using var parsed = JsonDocument.Parse(text);
        Assert.Equal(JsonValueKind.Object, parsed.RootElement.ValueKind);
    }
}
