namespace Kameo.Actors;
/// <summary>An ask was not answered in time.</summary>
public class AskTimeoutException : Exception;
