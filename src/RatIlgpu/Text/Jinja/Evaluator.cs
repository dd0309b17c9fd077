namespace RatIlgpu.Text;

/// <summary>Computes expressions.</summary>
/// <param name="run">The rendering.</param>
/// <param name="renderer">Renders the bodies of macros.</param>
sealed class Evaluator(TemplateRun run, StatementRenderer renderer)
{
    static readonly object True = true;
    static readonly object False = false;

    /// <summary>Returns the value of an expression.</summary>
    /// <exception cref="TemplateException">It has none.</exception>
    public object? Of(TemplateExpression expression, TemplateScope scope)
    {
        run.Enter();
        run.Line = expression.Line;
        var value = expression switch
        {
            Literal literal => literal.Value,
            NameUse name => scope.Get(name.Name),
            AttributeOf attribute => Attributes.Attribute(run, Of(attribute.Target, scope), attribute.Name),
            ItemOf item => Attributes.Item(run, Of(item.Target, scope), Of(item.Index, scope)),
            SliceOf slice => Attributes.Slice(run, Of(slice.Target, scope), OrNone(slice.Start, scope),
                OrNone(slice.Stop, scope), OrNone(slice.Step, scope)),
            CallOf call => Call(call, scope),
            Filtered filtered => Filter(filtered, Of(filtered.Target!, scope), scope),
            Tested tested => tested.Test.Call(Given(tested.Arguments, Of(tested.Target, scope), scope)),
            _ => Combined(expression, scope),
        };
        run.Leave();
        return value;
    }

    /// <summary>Tells whether an expression counts as true.</summary>
    public bool IsTrue(TemplateExpression expression, TemplateScope scope) => Operators.IsTrue(Of(expression, scope));

    /// <summary>Returns a filtered value.</summary>
    public object? Filter(Filtered filtered, object? value, TemplateScope scope)
    {
        var given = Given(filtered.Arguments, value, scope);
        run.Line = filtered.Line;
        return filtered.Filter.Call(given);
    }

    /// <summary>Calls a value.</summary>
    /// <param name="call">The call.</param>
    /// <param name="scope">The scope of its arguments.</param>
    /// <param name="caller">The block of a <c>call</c>; null for none.</param>
    public object? Call(CallOf call, TemplateScope scope, Macro? caller = null)
    {
        var target = Of(call.Target, scope);
        var given = Given(call.Arguments, null, scope);
        run.Line = call.Line;
        return target switch
        {
            Macro macro => renderer.Render(macro with { Caller = caller }, given),
            _ when caller is not null => throw run.Unknown($"a 'call' of {PythonText.TypeOf(target)}"),
            BoundMethod method => method.Method.Call(given with { Self = method.Self }),
            Callable function => function.Call(given),
            Undefined undefined => throw run.Fault(undefined.Reason),
            _ => throw run.Fault($"{PythonText.TypeOf(target)} cannot be called"),
        };
    }

    object? Combined(TemplateExpression expression, TemplateScope scope) => expression switch
    {
        ListOf list => new Sequence(run, list.Kind, [.. list.Items.Select(item => Of(item, scope))]),
        MappingOf mapping => new Mapping(
            run, [.. mapping.Pairs.Select(pair => (Of(pair.Key, scope), Of(pair.Value, scope)))]),
        Unary { Operator: "not" } not => IsTrue(not.Operand, scope) ? False : True,
        Unary signed => Arithmetic.Signed(run, signed.Operator, Of(signed.Operand, scope)),
        Binary { Operator: "and" or "or" } choice => AndOr(choice, scope),
        Binary sum => Compute(sum, Of(sum.Left, scope), Of(sum.Right, scope)),
        Joined joined => TextMethods.Join(
            run, "", [.. joined.Operands.Select(operand => (object?)PythonText.Of(run, Of(operand, scope)))]),
        Comparison comparison => Compare(comparison, scope) ? True : False,
        Choice choice when IsTrue(choice.Test, scope) => Of(choice.Yes, scope),
        Choice { No: { } no } => Of(no, scope),
        _ => new Undefined("the condition is false, and there is no 'else'"),
    };

    object? OrNone(TemplateExpression? expression, TemplateScope scope) =>
        expression is null ? null : Of(expression, scope);

    object? AndOr(Binary choice, TemplateScope scope)
    {
        var left = Of(choice.Left, scope);
        return Operators.IsTrue(left) == (choice.Operator == "and") ? Of(choice.Right, scope) : left;
    }

    object? Compute(Binary sum, object? left, object? right)
    {
        run.Line = sum.Line;
        return Arithmetic.Of(run, sum.Operator, left, right);
    }

    bool Compare(Comparison comparison, TemplateScope scope)
    {
        var left = Of(comparison.First, scope);
        foreach (var (sign, operand) in comparison.Rest)
        {
            var right = Of(operand, scope);
            if (!Holds(sign, left, right))
                return false;
            left = right;
        }

        return true;
    }

    bool Holds(string sign, object? left, object? right) => sign switch
    {
        "==" => Operators.AreEqual(run, left, right),
        "!=" => !Operators.AreEqual(run, left, right),
        "in" => Operators.Contains(run, right, left),
        "not in" => !Operators.Contains(run, right, left),
        "<" => Operators.Compare(run, left, right) < 0,
        "<=" => Operators.Compare(run, left, right) <= 0,
        ">" => Operators.Compare(run, left, right) > 0,
        _ => Operators.Compare(run, left, right) >= 0,
    };

    CallArguments Given(ArgumentList arguments, object? self, TemplateScope scope) => new(
        run,
        self,
        arguments.Positional.IsEmpty ? [] : [.. arguments.Positional.Select(one => Of(one, scope))],
        arguments.Named.IsEmpty ? [] : [.. arguments.Named.Select(one => (one.Name, Of(one.Value, scope)))]);
}
