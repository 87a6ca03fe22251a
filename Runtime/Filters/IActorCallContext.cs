namespace Kameo.Actors;

/// <summary>One call as a filter sees it: valid until the filter's task completes; used by one flow at a time. Shaped after Orleans 10's <c>IGrainCallContext</c>.</summary>
public interface IActorCallContext : IActorRequest
{
    /// <summary>The result: of the method after <see cref="Invoke"/>, or what a filter puts there instead of or after it. Null for a method without one.</summary>
    object? Result { get; set; }

    /// <summary>Replaces an argument for the filters that follow and for the method.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    /// <exception cref="InvalidCastException">The value is of another type.</exception>
    void SetArgument(int index, object? value);

    /// <summary>Goes on: the next filter, in the end the call. Completes when that has, throws what it threw. A filter that does not call it keeps the call from being made; one that calls it again makes it again.</summary>
    Task Invoke();
}
