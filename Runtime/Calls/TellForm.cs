using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Activations;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Calls;

/// <summary>What is done with a method's tells, whether it has a result, for which nobody waits, or not.</summary>
/// <typeparam name="TAsk">The arguments.</typeparam>
internal interface ITellForm<TAsk>
    where TAsk : struct
{
    /// <summary>The method.</summary>
    static abstract ActorMethod Method { get; }

    /// <summary>Replaces each argument that is not immutable with a deep copy.</summary>
    static abstract void CopyArguments(ref TAsk ask);

    /// <summary>Writes the arguments.</summary>
    static abstract void EncodeArguments(in TAsk ask, ref MessagePackWriter writer);

    /// <summary>Takes a call object from its pool, and gives it the arguments.</summary>
    static abstract ActorCall Rent(in TAsk ask);

    /// <summary>Hop 8: runs the method in its turn, which has begun; it ends through <see cref="Activation.EndTurn"/>. In the executor.</summary>
    static abstract void Run(in TAsk ask, Activation activation, Turn turn);
}

/// <summary>Of a method without a result.</summary>
internal readonly struct VoidTell<TAsk> : ITellForm<TAsk>
    where TAsk : struct, IInlineAsk
{
    /// <inheritdoc/>
    public static ActorMethod Method => TAsk.Method;

    /// <inheritdoc/>
    public static void CopyArguments(ref TAsk ask) => ask.CopyArguments();

    /// <inheritdoc/>
    public static void EncodeArguments(in TAsk ask, ref MessagePackWriter writer) => ask.EncodeArguments(ref writer);

    /// <inheritdoc/>
    public static ActorCall Rent(in TAsk ask) => ask.Rent();

    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever user code throws fails the turn.")]
    public static void Run(in TAsk ask, Activation activation, Turn turn)
    {
        try
        {
            ValueTask task = ask.Invoke(activation.Instance!);
            if (task.IsCompletedSuccessfully)
            {
                task.GetAwaiter().GetResult();
                turn.EndAlone();
                activation.EndTurn(turn, TAsk.Method.Options);
            }
            else
            {
                GoOn(ask.Rent(), task, turn);
            }
        }
        catch (Exception exception)
        {
            GoOn(ask.Rent(), ValueTask.FromException(exception), turn);
        }
    }

    private static void GoOn(VoidActorCall call, ValueTask task, Turn turn)
    {
        call.BeginTellAfter(turn);
        call.Await(task);
    }
}

/// <summary>Of a method with a result.</summary>
internal readonly struct ResultTell<TAsk, TResult> : ITellForm<TAsk>
    where TAsk : struct, IInlineAsk<TResult>
{
    /// <inheritdoc/>
    public static ActorMethod Method => TAsk.Method;

    /// <inheritdoc/>
    public static void CopyArguments(ref TAsk ask) => ask.CopyArguments();

    /// <inheritdoc/>
    public static void EncodeArguments(in TAsk ask, ref MessagePackWriter writer) => ask.EncodeArguments(ref writer);

    /// <inheritdoc/>
    public static ActorCall Rent(in TAsk ask) => ask.Rent();

    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever user code throws fails the turn.")]
    public static void Run(in TAsk ask, Activation activation, Turn turn)
    {
        try
        {
            ValueTask<TResult> task = ask.Invoke(activation.Instance!);
            if (task.IsCompletedSuccessfully)
            {
                _ = task.Result;
                turn.EndAlone();
                activation.EndTurn(turn, TAsk.Method.Options);
            }
            else
            {
                GoOn(ask.Rent(), task, turn);
            }
        }
        catch (Exception exception)
        {
            GoOn(ask.Rent(), ValueTask.FromException<TResult>(exception), turn);
        }
    }

    private static void GoOn(ActorCall<TResult> call, ValueTask<TResult> task, Turn turn)
    {
        call.BeginTellAfter(turn);
        call.Await(task);
    }
}
