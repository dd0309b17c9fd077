using RatIlgpu.Text;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Prompts;

/// <summary>Makes prompts the users' messages of chats, by the template of a model.</summary>
sealed class ChatPrompts
{
    readonly ChatTemplate template;
    readonly string? system;

    ChatPrompts(ChatTemplate template, string? system) => (this.template, this.system) = (template, system);

    /// <summary>Loads the template of a model.</summary>
    /// <param name="model">The folder or the name of the model.</param>
    /// <param name="system">The system message of prompts that have none of their own; null for none.</param>
    /// <exception cref="InvalidDataException">The model has no template that can be rendered.</exception>
    public static ChatPrompts Load(string model, string? system)
    {
        try
        {
            return new(ChatTemplate.Load(ModelFolder.Find(model)), system);
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
        {
            throw WithHint(e);
        }
    }

    /// <summary>Returns the chat of a prompt, up to where the answer starts.</summary>
    /// <exception cref="InvalidDataException">The prompt is given as token ids, or cannot be rendered.</exception>
    /// <exception cref="ArgumentException">The template refuses the chat.</exception>
    public Prompt Of(Prompt prompt)
    {
        var own = prompt.System ?? system;
        return prompt with
        {
            Text = Rendered(prompt, own),
            IsChat = true,
            Corrupted = prompt.Corrupted is { } other ? Of(other with { System = own }) : null,
        };
    }

    string Rendered(Prompt prompt, string? own)
    {
        var text = prompt.Text
            ?? throw new InvalidDataException($"{prompt.Where}: has token ids, which --chat cannot wrap.");
        var question = new ChatMessage("user", text);
        try
        {
            return template.Format(own is null ? [question] : [new("system", own), question]);
        }
        catch (InvalidDataException e)
        {
            throw WithHint(e);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"{prompt.Where}: {e.Message}", e);
        }
    }

    // A message that ends with a command has no full stop.
    static InvalidDataException WithHint(Exception fault) =>
        new($"{fault.Message.TrimEnd('.')}. Leave out --chat for that.", fault);
}
