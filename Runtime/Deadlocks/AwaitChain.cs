using System.Runtime.CompilerServices;
using Kameo.Actors.Calls;

namespace Kameo.Actors.Deadlocks;

/// <summary>Whether a turn can end without the answer to one of its asks: follows the awaits from the ask to the method that the turn runs.</summary>
/// <remarks>
/// <para>
/// An async method that is suspended waits for one thing, and its task is done only when that is done. So where each awaits the next, from the ask to the method of the turn, the turn waits for the ask, whatever else it
/// has begun. Each link holds from the moment that it is seen until the ask is answered: a chain of which every link was seen, with an ask that is still not answered afterwards, is there as a whole.
/// </para>
/// <para>
/// Recognised are: <c>await</c> of the ask, of its task, and of <c>Task.WhenAll</c>, in async methods of tasks and value tasks, with and without <c>ConfigureAwait</c>; a method that returns the ask itself. Everything
/// else is taken for a turn that can go on by itself: <c>WhenAny</c>, <c>WaitAsync</c>, <c>ContinueWith</c>, a task awaited twice, a <see cref="TaskCompletionSource"/>, a pooled async method builder.
/// </para>
/// <para>
/// What awaits a task is a private field of it, which .NET shows to debuggers but has no public name for. It is only read; what is found there counts only if its type is one of those above. Should a version of .NET
/// not have these fields, nothing is recognised but what can be seen without them, and deadlines bound the rest.
/// </para>
/// </remarks>
internal static class AwaitChain
{
    /// <summary>Most methods that await each other within a turn.</summary>
    private const int LinksMax = 64;

    private static readonly Type? s_methodBox = Type.GetType("System.Runtime.CompilerServices.IAsyncStateMachineBox, System.Private.CoreLib");
    private static readonly Type? s_awaiting = Type.GetType("System.Threading.Tasks.AwaitTaskContinuation, System.Private.CoreLib");
    private static readonly Type? s_all = Type.GetType("System.Threading.Tasks.Task+WhenAllPromise, System.Private.CoreLib");
    private static readonly Type? s_allOfResult = Type.GetType("System.Threading.Tasks.Task+WhenAllPromise`1, System.Private.CoreLib");

    /// <summary>Whether .NET shows what awaits a task; found out at the first look.</summary>
    private static bool s_isVisible = true;

    /// <summary>Whether awaits lead from an ask to the end of a turn. Any thread: a glance, true only if the ask is not answered when it is over.</summary>
    /// <param name="state">What was registered with the ask to go on when it is answered.</param>
    /// <param name="end">What the turn ends with: its call, or the task of a turn without one.</param>
    public static bool Leads(object? state, object end)
    {
        for (int link = 0; link < LinksMax && state is not null; link++)
        {
            if (ReferenceEquals(state, end))
            {
                return true;
            }

            state = Next(state);
        }

        return false;
    }

    /// <summary>Where awaits lead from an ask: the call of a turn, or of one that was forwarded, or the task that nobody awaits. Any thread: a glance, true only if the ask is not answered when it is over.</summary>
    /// <param name="state">What was registered with the ask to go on when it is answered.</param>
    /// <returns>Null: to nothing that is known.</returns>
    public static object? EndOf(object? state)
    {
        object? end = null;
        for (int link = 0; link < LinksMax && state is not null; link++)
        {
            end = state;
            state = Next(state);
        }

        return state is null ? end : null;
    }

    private static object? Next(object state) => state switch
    {
        Action action => action.Target is Task or ActorCall ? action.Target : null, // Of a task: the method's, to go on.
        Task task => AwaiterOf(task),
        _ => null,
    };

    /// <summary>The only one that awaits a task; null for none, several, or one that does not only wait for it.</summary>
    private static object? AwaiterOf(Task task)
    {
        if (!Volatile.Read(ref s_isVisible))
        {
            return null;
        }

        try
        {
            return ContinuationOf(task) switch
            {
                null => null,
                Action action => action,
                Task next => s_methodBox?.IsInstanceOfType(next) == true || IsAll(next.GetType()) ? next : null,
                var other => s_awaiting?.IsInstanceOfType(other) == true ? ActionOf(other) : null,
            };
        }
        catch (MissingMemberException)
        {
            Volatile.Write(ref s_isVisible, false);
            return null;
        }
    }

    private static bool IsAll(Type type) => type == s_all || (type.IsConstructedGenericType && type.GetGenericTypeDefinition() == s_allOfResult);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "m_continuationObject")]
    private static extern ref object? ContinuationOf(Task task);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "m_action")]
    private static extern ref Action? ActionOf([UnsafeAccessorType("System.Threading.Tasks.AwaitTaskContinuation, System.Private.CoreLib")] object awaiting);
}
